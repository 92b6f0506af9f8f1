import { startStaffPage } from '../lib/start'
import GuidePage from './GuidePage.vue'

void startStaffPage(GuidePage)
