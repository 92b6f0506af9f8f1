import { startPage } from '../lib/start'
import ScreenPage from './ScreenPage.vue'
import { readLangs } from './useScreenLangs'

const langs = readLangs()
void startPage(ScreenPage, langs[0] ?? 'zh', langs)
