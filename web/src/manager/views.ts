import { shallowRef, type Component } from 'vue'
import BookingPage from './booking/BookingPage.vue'
import LeadsPage from './desk/LeadsPage.vue'
import ReportPage from './desk/ReportPage.vue'
import RunoncePage from './desk/RunoncePage.vue'
import type { Span } from './desk/spans'
import LayoutPage from './layout/LayoutPage.vue'
import Overview from './Overview.vue'
import RatingsPage from './ratings/RatingsPage.vue'

// The manager's views. Each takes the session and says when it has ended.
export interface View {
  id: string
  page: Component
  is?: { kind: string; span: Span } // of a report's page: which one, and which period first
}

const report = (kind: string, span: Span): View => ({ id: kind, page: ReportPage, is: { kind, span } })

const views: View[] = [
  { id: 'now', page: Overview }, report('traffic', 'today'), { id: 'runonce', page: RunoncePage }, report('promised', 'thisMonth'), { id: 'leads', page: LeadsPage },
  { id: 'ratings', page: RatingsPage }, report('people', 'thisMonth'), report('period', 'month'), { id: 'layout', page: LayoutPage }, { id: 'booking', page: BookingPage },
]

/** The view that the address names, /manager#/runonce?from=…; without a name the first, nothing where there is none of the name. */
export function useView() {
  const find = () => views.find((view) => view.id === (location.hash.replace(/^#\/?/, '').split(/[?/]/)[0] || 'now'))
  const view = shallowRef(find())
  addEventListener('hashchange', () => (view.value = find()))
  return view
}
