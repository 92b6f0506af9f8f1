import { startStaffPage } from '../lib/start'
import HomePage from './HomePage.vue'

void startStaffPage(HomePage)
