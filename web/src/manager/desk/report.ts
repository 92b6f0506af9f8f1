import { ask } from '../../lib/api'
import { i18n } from '../../lib/locale'

// What the server says of a period: the same tables that the workbook and the CSV file hold.
export type Cell = string | number | null

export interface Table {
  id: string
  title: string
  note?: string
  columns: { name: string; kind: 'text' | 'count' | 'percent' | 'lower' | 'upper' | 'minutes' | 'hours' }[]
  rows: Cell[][]
  marks?: string[] // of each row: what a picture sets apart
  charts?: Chart[]
  cards?: boolean // the first row is shown as large figures
  opens?: boolean // the first column is a case
}

export interface Chart {
  kind: 'bar' | 'line'
  columns: number[] // the first is told, a second is what is usual
}

export interface Report {
  hall: string
  kind: string
  title: string
  from: string
  to: string
  report_day: string
  by: string
  definitions: string[]
  tables: Table[]
}

export interface Period {
  from: string
  to: string
  by: string
}

export interface CaseEvent {
  at: string
  kind: string
  ticket?: string
  purpose?: string
  window?: string
  channel?: string
  state?: string
  staff?: boolean
  items?: string[]
  written?: boolean
  from?: string
  to?: string
}

export interface CaseLine {
  case: string
  matter: string
  end: string
  events: CaseEvent[]
}

export const groupings = ['matter', 'department', 'window', 'agent']

export function query(period: Period): string {
  return new URLSearchParams({ ...period }).toString()
}

export async function fetchReport(kind: string, period: Period): Promise<Report> {
  return (await ask<Report>('GET', `/api/v1/reports/${kind}?${query(period)}`)) as Report
}

export async function fetchLine(id: string): Promise<CaseLine> {
  return (await ask<CaseLine>('GET', `/api/v1/reports/cases/${encodeURIComponent(id)}`)) as CaseLine
}

export function tableOf(report: Report, id: string): Table {
  return report.tables.find((table) => table.id === id) ?? { id, title: '', columns: [], rows: [] }
}

/** A figure as people read it. */
export function shown(cell: Cell, kind: string): string {
  if (cell === null) return '—'
  if (['percent', 'lower', 'upper'].includes(kind)) return `${(100 * Number(cell)).toFixed(1)}%`
  if (kind === 'minutes' || kind === 'hours') return i18n.global.t(`reports.${kind}`, { n: Number(cell).toFixed(1) })
  return String(cell)
}

function iso(day: Date): string {
  return new Date(day.getTime() - day.getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
}

/** The calendar span of n months that ended last; 1 is last month, 3 the last quarter. */
export function lastMonths(today: Date, n: number): { from: string; to: string } {
  const end = n === 3 ? Math.floor(today.getMonth() / 3) * 3 : today.getMonth()
  return { from: iso(new Date(today.getFullYear(), end - n, 1)), to: iso(new Date(today.getFullYear(), end, 0)) }
}

/** The seven days that ended on the last Sunday. */
export function lastWeek(today: Date): { from: string; to: string } {
  const sunday = today.getDate() - (today.getDay() || 7)
  return { from: iso(new Date(today.getFullYear(), today.getMonth(), sunday - 6)), to: iso(new Date(today.getFullYear(), today.getMonth(), sunday)) }
}

export function yesterday(today: Date): { from: string; to: string } {
  const day = iso(new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1))
  return { from: day, to: day }
}

/** The month up to today. */
function thisMonth(today: Date): { from: string; to: string } {
  return { from: iso(new Date(today.getFullYear(), today.getMonth(), 1)), to: iso(today) }
}

/** What a manager asks for most; each by its message reports.span.{name}. */
export const spans = {
  today: (today: Date) => ({ from: iso(today), to: iso(today) }),
  day: yesterday,
  week: lastWeek,
  thisMonth,
  month: (today: Date) => lastMonths(today, 1),
  quarter: (today: Date) => lastMonths(today, 3),
}
