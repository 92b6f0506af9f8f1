import { staffLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import ManagerPage from './ManagerPage.vue'

void startPage(ManagerPage, wantedLang(staffLangs))
