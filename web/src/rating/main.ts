import { allLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import RatingPage from './RatingPage.vue'

void startPage(RatingPage, wantedLang(allLangs))
