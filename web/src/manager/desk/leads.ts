import { act, ask, newKey } from '../../lib/api'

// Supervision leads as the server finds them, with what was done about each.
export interface LeadAct {
  at: string
  by: string
  state: string
  to?: string
  text?: string
  k: number
}

export interface Lead {
  id: string
  signal: string
  text: string
  subject: string
  name: string
  n: number
  k: number
  rate: number | null
  rows: string[]
  state: string
  assignee?: string
  acts: LeadAct[]
}

export interface Leads {
  month: string
  report_day: string
  not_computed: string
  leads: Lead[]
}

export const groups = ['A', 'B', 'C', 'D', 'E', 'F']
export const states = ['new', 'assigned', 'reopened', 'verified', 'dismissed', 'gone']

export async function fetchLeads(month: string): Promise<Leads> {
  return (await ask<Leads>('GET', `/api/v1/leads${month ? `?month=${month}` : ''}`)) as Leads
}

export async function stepLead(id: string, step: string, body: { to?: string; text?: string }): Promise<void> {
  await act(`/api/v1/leads/${encodeURIComponent(id)}/${step}`, body, { key: newKey(), giveUpAfterMS: 20_000 })
}

/** The first and the last day of a month. */
export function daysOf(month: string): { from: string; to: string } {
  const [year, number] = month.split('-').map(Number)
  const last = new Date(year ?? 0, number ?? 1, 0).getDate()
  return { from: `${month}-01`, to: `${month}-${String(last).padStart(2, '0')}` }
}
