import { startStaffPage } from '../lib/start'
import CityPage from './CityPage.vue'

void startStaffPage(CityPage)
