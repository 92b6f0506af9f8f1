import { ask } from '../../lib/api'
import { currentLang, i18n } from '../../lib/locale'

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
  empty?: string // why there is nothing of the period, and what to do
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
  case?: string // whose it is, where one application has several numbers
  items?: string[]
  written?: boolean
  from?: string
  to?: string
  called_at?: string
  started_at?: string
  ended_at?: string
}

export interface CaseLine {
  case: string
  matter: string
  end: string
  cases?: string[] // of a ticket's line
  events: CaseEvent[]
}

export const groupings = ['matter', 'department', 'window', 'agent', 'week']

export function query(period: Period): string {
  return new URLSearchParams({ ...period }).toString()
}

export async function fetchReport(kind: string, period: Period): Promise<Report> {
  return (await ask<Report>('GET', `/api/v1/reports/${kind}?${query(period)}&lang=${currentLang()}`)) as Report
}

/** What happened to a case or a ticket; an imported ticket is looked for on some days. */
export async function fetchLine(id: string, days?: { from: string; to: string }): Promise<CaseLine> {
  const where = days ? `?${new URLSearchParams(days).toString()}` : ''
  return (await ask<CaseLine>('GET', `/api/v1/reports/cases/${encodeURIComponent(id)}${where}`)) as CaseLine
}

export function tableOf(report: Report, id: string): Table {
  return report.tables.find((table) => table.id === id) ?? { id, title: '', columns: [], rows: [] }
}

/** A figure as people read it; a picture knows nothing of a point that is not there. */
export function shown(cell: Cell | undefined, kind: string): string {
  if (cell === null || cell === undefined || Number.isNaN(cell)) return '—'
  if (['percent', 'lower', 'upper'].includes(kind)) return `${(100 * Number(cell)).toFixed(1)}%`
  if (kind === 'minutes' || kind === 'hours') return i18n.global.t(`reports.${kind}`, { n: Number(cell).toFixed(1) })
  return String(cell)
}
