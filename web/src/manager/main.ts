import { startStaffPage } from '../lib/start'
import ManagerPage from './ManagerPage.vue'

void startStaffPage(ManagerPage)
