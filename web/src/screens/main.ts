import { staffLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import ScreensPage from './ScreensPage.vue'

void startPage(ScreensPage, wantedLang(staffLangs))
