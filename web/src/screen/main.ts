import { allLangs } from '../lib/locale'
import { startPage } from '../lib/start'
import ScreenPage from './ScreenPage.vue'
import { askedLangs } from './useScreenLangs'

void startPage(ScreenPage, askedLangs()[0] ?? 'zh', allLangs)
