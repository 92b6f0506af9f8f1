import { Activity, CalendarCheck, CalendarClock, ChartNoAxesCombined, ClipboardList, FileSpreadsheet, LayoutGrid, MessageSquareWarning, Sun, UsersRound } from '@lucide/vue'
import { shallowRef, type Component } from 'vue'
import LeadsPage from './desk/LeadsPage.vue'
import ReportPage from './desk/ReportPage.vue'
import RunoncePage from './desk/RunoncePage.vue'
import type { Span } from './desk/spans'
import BookingPage from './booking/BookingPage.vue'
import LayoutPage from './layout/LayoutPage.vue'
import Overview from './Overview.vue'
import RatingsPage from './ratings/RatingsPage.vue'

// The manager's pages. Each takes the session and says when it has ended; its title is reports.nav.{id}.
export interface View {
  id: string
  icon: Component
  page: Component
  is?: { kind: string; span: Span } // of a report's page: which one, and which period first
}

export const views: View[] = [
  { id: 'now', icon: Activity, page: Overview },
  { id: 'traffic', icon: Sun, page: ReportPage, is: { kind: 'traffic', span: 'today' } },
  { id: 'runonce', icon: ChartNoAxesCombined, page: RunoncePage },
  { id: 'promised', icon: CalendarCheck, page: ReportPage, is: { kind: 'promised', span: 'thisMonth' } },
  { id: 'leads', icon: ClipboardList, page: LeadsPage },
  { id: 'ratings', icon: MessageSquareWarning, page: RatingsPage },
  { id: 'people', icon: UsersRound, page: ReportPage, is: { kind: 'people', span: 'thisMonth' } },
  { id: 'period', icon: FileSpreadsheet, page: ReportPage, is: { kind: 'period', span: 'month' } },
  { id: 'layout', icon: LayoutGrid, page: LayoutPage },
  { id: 'booking', icon: CalendarClock, page: BookingPage },
]

/** The view that the address names, /manager#/runonce?from=…; without a name the first, nothing where there is none of the name. */
export function useView() {
  const find = () => views.find((view) => view.id === (location.hash.replace(/^#\/?/, '').split(/[?/]/)[0] || 'now'))
  const view = shallowRef(find())
  addEventListener('hashchange', () => (view.value = find()))
  return view
}
