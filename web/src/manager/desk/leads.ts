import { act, ask, newKey } from '../../lib/api'
import { currentLang } from '../../lib/locale'

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
  assignee?: string // account
  assignee_name?: string
  acts: LeadAct[]
}

export interface Leads {
  month: string
  report_day: string
  not_computed: string
  leads: Lead[]
  staff: Staff[]
}

/** Who may be asked to verify a lead. */
export interface Staff {
  user: string
  name: string
  role: string
  department?: string
}

/** From where on a rule flags; a share is 0 to 1. */
export interface Limit {
  name: string
  signal: string // empty where it holds for all
  signal_text: string
  text: string
  unit: 'share' | 'rows' | 'times' | 'working_days' | 'days' | 'minutes' | 'seconds'
  value: number
  default: number
  min: number
  max: number
}

export interface Limits {
  base: string
  limits: Limit[]
}

export const groups = ['A', 'B', 'C', 'D', 'E', 'F']
export const states = ['new', 'assigned', 'reopened', 'verified', 'dismissed', 'gone']

export async function fetchLeads(month: string): Promise<Leads> {
  return (await ask<Leads>('GET', `/api/v1/leads?${new URLSearchParams({ ...(month ? { month } : {}), lang: currentLang() }).toString()}`)) as Leads
}

export async function stepLead(id: string, step: string, body: { to?: string; text?: string }): Promise<void> {
  await act(`/api/v1/leads/${encodeURIComponent(id)}/${step}`, body, { key: newKey(), giveUpAfterMS: 20_000 })
}

export async function fetchLimits(): Promise<Limits> {
  return (await ask<Limits>('GET', `/api/v1/leads/limits?lang=${currentLang()}`)) as Limits
}

export async function saveLimits(base: string, values: Record<string, number>): Promise<Limits> {
  return (await act<Limits>(`/api/v1/leads/limits?lang=${currentLang()}`, { base, values }, { key: newKey(), giveUpAfterMS: 20_000 })) as Limits
}

/** Leads of one signal together, in the order of the signals. */
export function bySignal(leads: Lead[]): { signal: string; text: string; leads: Lead[]; fresh: number }[] {
  const ids = [...new Set(leads.map((lead) => lead.signal))].sort()
  return ids.map((signal) => {
    const mine = leads.filter((lead) => lead.signal === signal)
    return { signal, text: mine[0]?.text ?? '', leads: mine, fresh: mine.filter((lead) => ['new', 'reopened'].includes(lead.state)).length }
  })
}

/** A row that names no case, ticket or rating has no line of its own: a week of A5. */
export function opens(row: string): boolean {
  return !/^\d{4}-W\d\d$/.test(row)
}

/** The first and the last day of a month. */
export function daysOf(month: string): { from: string; to: string } {
  const [year, number] = month.split('-').map(Number)
  const last = new Date(year ?? 0, number ?? 1, 0).getDate()
  return { from: `${month}-01`, to: `${month}-${String(last).padStart(2, '0')}` }
}
