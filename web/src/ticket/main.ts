import { allLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import TicketPage from './TicketPage.vue'

void startPage(TicketPage, wantedLang(allLangs))
