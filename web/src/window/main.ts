import { startStaffPage } from '../lib/start'
import WindowPage from './WindowPage.vue'

void startStaffPage(WindowPage)
