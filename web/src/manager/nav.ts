import { Activity, CalendarCheck, CalendarClock, ChartNoAxesCombined, ClipboardList, FileSpreadsheet, LayoutGrid, MessageSquareWarning, MonitorPlay, Sun, UsersRound } from '@lucide/vue'
import type { Component } from 'vue'

// Where a manager can go; each is called reports.nav.{id}.
export interface Place {
  id: string
  icon: Component
  href: string
}

// The screens have a page of their own; the others are views of /manager, which keeps its query while one goes between them.
const home = location.pathname === '/manager' ? '' : '/manager'
const view = (id: string, icon: Component): Place => ({ id, icon, href: `${home}#/${id}` })

export const places: Place[] = [
  view('now', Activity), view('traffic', Sun), view('runonce', ChartNoAxesCombined), view('promised', CalendarCheck), view('leads', ClipboardList),
  view('ratings', MessageSquareWarning), view('people', UsersRound), view('period', FileSpreadsheet), view('layout', LayoutGrid), view('booking', CalendarClock),
  { id: 'screens', icon: MonitorPlay, href: '/manager/screens' },
]
