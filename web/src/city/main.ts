import { startStaffPage } from '../lib/start'
import '../manager/print.css'
import CityPage from './CityPage.vue'

void startStaffPage(CityPage)
