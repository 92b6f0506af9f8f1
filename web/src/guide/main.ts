import { staffLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import GuidePage from './GuidePage.vue'

void startPage(GuidePage, wantedLang(staffLangs))
