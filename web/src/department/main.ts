import { staffLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import DepartmentPage from './DepartmentPage.vue'

void startPage(DepartmentPage, wantedLang(staffLangs))
