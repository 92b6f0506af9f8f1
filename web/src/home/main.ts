import { staffLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import HomePage from './HomePage.vue'

void startPage(HomePage, wantedLang(staffLangs))
