import { startStaffPage } from '../lib/start'
import DepartmentPage from './DepartmentPage.vue'

void startStaffPage(DepartmentPage)
