import { startStaffPage } from '../lib/start'
import DeliveryPage from './DeliveryPage.vue'

void startStaffPage(DeliveryPage)
