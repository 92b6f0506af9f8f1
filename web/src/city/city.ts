import { ask } from '../lib/api'

export interface Queue { field: string; name: string; waiting: number; served: boolean; p50_min?: number; p90_min?: number }
export interface Now {
  at: number
  open: boolean
  windows: { open: number; paused: number; all: number }
  waiting: number
  issued: number
  done: number
  longest_min: number
  queues: Queue[]
  down?: string[]
}
export interface Glance {
  hall: string
  name: string
  level: string
  online: boolean
  seen?: string
  now?: Now
  position: number
  behind: number
  last_at?: string
  fault?: string
  standard?: number
  revoked?: boolean
  windows: number
  matters: number
}
export interface Rate { n: number; once: number | null; rate: number | null; lo: number | null; hi: number | null }
export interface HallRate extends Rate { hall: string; name: string; suppressed: boolean; below: boolean; gap?: number; gap_interval?: { Lo: number; Hi: number } }
export interface Signal { id: string; subject: string; n: number; k: number; rate: number | null; rows: string[] }
export interface Once {
  from: string
  to: string
  parts: number
  all: Rate
  law: Rate
  opened: { n: number; f2: number | null; f2_se: number | null; tau: number }
  left_out: { withdrawn: number; no_authority: number; test: number; void: number }
  linked_share: number | null
  bounds: { lo: number; hi: number } | null
  visits: Record<string, number>
  person_visits: number
  wasted_trips: number
  moved_cases: number
  halls: HallRate[]
  signals: Signal[]
  across: { case: string; visits: number; halls: string[] }[]
  missing: string[]
}
export interface Matter { code: string; name: Record<string, string>; department: string; kind: string; statutory_days: number; promised_days: number; materials?: string[] | null; [more: string]: unknown }
export interface Standard { version: number; from: string; made: string; note?: string; matters: Matter[] | null }
export interface StandardState { current: Standard | null; versions: Standard[] }
export interface Figures { Issued: number; Called: number; Served: number; Done: number; Missed: number; LeftEarly: number; WaitMS: number; Waits: number[]; CasesOpened: number; CasesClosed: number; Ratings: number; RatingSum: number }

export const city = {
  session: () => ask<{ city: string }>('GET', '/api/v1/session'),
  login: (user: string, password: string) => ask('POST', '/api/v1/sessions', { body: { user, password } }),
  logout: () => ask('DELETE', '/api/v1/session'),
  halls: () => ask<Glance[]>('GET', '/api/v1/halls'),
  once: (from: string, to: string) => ask<Once>('GET', `/api/v1/runonce?from=${from}&to=${to}`),
  period: (from: string, to: string) => ask<Record<string, Figures>>('GET', `/api/v1/period?from=${from}&to=${to}`),
  standard: () => ask<StandardState>('GET', '/api/v1/standard'),
  publish: (base: number, from: string, note: string, matters: Matter[]) => ask<Standard>('POST', '/api/v1/standard', { body: { base, from, note, matters } }),
}

/** A share as people read it; a dash where there is none. */
export function percent(x: number | null | undefined): string {
  return x === null || x === undefined ? '–' : `${(100 * x).toFixed(1)}%`
}

/** The last whole month, as the two fields of a period. */
export function lastMonth(now: Date): { from: string; to: string } {
  const day = (d: Date) => `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`
  return { from: day(new Date(now.getFullYear(), now.getMonth() - 1, 1)), to: day(new Date(now.getFullYear(), now.getMonth(), 0)) }
}
