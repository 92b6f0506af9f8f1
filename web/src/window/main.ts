import { staffLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import WindowPage from './WindowPage.vue'

void startPage(WindowPage, wantedLang(staffLangs))
