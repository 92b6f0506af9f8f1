import { startStaffPage } from '../lib/start'
import TrustPage from './TrustPage.vue'

void startStaffPage(TrustPage)
