import { staffLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import DeliveryPage from './DeliveryPage.vue'

void startPage(DeliveryPage, wantedLang(staffLangs))
