import { allLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import KioskPage from './KioskPage.vue'

void startPage(KioskPage, wantedLang(allLangs), allLangs)
