import { allLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import MissingPage from './MissingPage.vue'

void startPage(MissingPage, wantedLang(allLangs))
