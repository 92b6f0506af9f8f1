import { startStaffPage } from '../lib/start'
import './print.css'
import ManagerPage from './ManagerPage.vue'

void startStaffPage(ManagerPage)
