import { startStaffPage } from '../lib/start'
import ScreensPage from './ScreensPage.vue'

void startStaffPage(ScreensPage)
