import { allLangs } from '../lib/locale'
import { startPage } from '../lib/start'
import ScreenPage from './ScreenPage.vue'
import { askedLangs } from './useScreenLangs'

performance.setResourceTimingBufferSize(0) // every call is a request: nobody reads their times, and they would be kept
void startPage(ScreenPage, askedLangs()[0] ?? 'zh', allLangs)
