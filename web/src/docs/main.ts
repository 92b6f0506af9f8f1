import { startStaffPage } from '../lib/start'
import DocsPage from './DocsPage.vue'

void startStaffPage(DocsPage)
