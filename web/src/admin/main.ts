import { startStaffPage } from '../lib/start'
import AdminPage from './AdminPage.vue'

void startStaffPage(AdminPage)
