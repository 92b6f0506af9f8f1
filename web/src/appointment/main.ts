import { allLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import AppointmentPage from './AppointmentPage.vue'

void startPage(AppointmentPage, wantedLang(allLangs))
