import { Activity, ChartNoAxesCombined, LayoutGrid } from '@lucide/vue'
import { shallowRef, type Component } from 'vue'
import RunoncePage from './desk/RunoncePage.vue'
import LayoutPage from './layout/LayoutPage.vue'
import Overview from './Overview.vue'

// The manager's pages. Each takes the session and says when it has ended; its title is reports.nav.{id}.
export interface View {
  id: string
  icon: Component
  page: Component
}

export const views: View[] = [
  { id: 'now', icon: Activity, page: Overview },
  { id: 'runonce', icon: ChartNoAxesCombined, page: RunoncePage },
  { id: 'layout', icon: LayoutGrid, page: LayoutPage },
]

/** The view that the address names: /manager#/runonce?from=… */
export function useView() {
  const find = () => views.find((view) => location.hash.replace(/^#\/?/, '').startsWith(view.id)) ?? (views[0] as View)
  const view = shallowRef(find())
  addEventListener('hashchange', () => (view.value = find()))
  return view
}
