import { staffLangs, wantedLang } from '../lib/locale'
import { startPage } from '../lib/start'
import DocsPage from './DocsPage.vue'

void startPage(DocsPage, wantedLang(staffLangs))
