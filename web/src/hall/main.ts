import { allLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import HallPage from './HallPage.vue'

void startPage(HallPage, wantedLang(allLangs))
