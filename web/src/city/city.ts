import { ask } from '../lib/api'
import { clockOf, dayOf } from '../lib/clock'

export interface Queue { field: string; name: string; waiting: number; served: boolean; p50_min?: number; p90_min?: number }
export interface Now {
  at: number
  open: boolean
  windows: { open: number; paused: number; all: number }
  waiting: number
  issued: number
  done: number
  longest_min: number
  queues: Queue[] | null
  down?: string[]
}
export interface Glance {
  hall: string
  name: string
  level: string
  online: boolean
  since?: string // the line is up, or the hall has been silent
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
export interface Signal { id: string; subject: string; n: number; k: number; rate: number | null; rows: string[] | null }
export interface Once { signals: Signal[]; across: { case: string; visits: number; halls: string[] }[]; moved_cases: number }
export interface Matter { code: string; name: Record<string, string>; department: string; kind: string; statutory_days: number; promised_days: number; materials?: string[] | null; [more: string]: unknown }
export interface Standard { version: number; from: string; made: string; note?: string; matters: Matter[] | null }
export interface HallStandard { hall: string; name: string; version: number; own: number; online: boolean; no_lists: boolean }
export interface StandardState { current: Standard | null; versions: Standard[]; halls: HallStandard[] }
export type Role = 'viewer' | 'editor' | 'admin'
export const roles: Role[] = ['viewer', 'editor', 'admin']
export interface Session { user: string; name: string; role: Role; city: string; must_change?: boolean }
export interface User { user: string; name: string; role: Role; closed?: boolean; must_change?: boolean; locked?: boolean; own?: boolean }
export interface Given { user: string; password: string }

const user = (name: string) => `/api/v1/users/${encodeURIComponent(name)}`

export const city = {
  session: () => ask<Session>('GET', '/api/v1/session'),
  login: (user: string, password: string) => ask<Session>('POST', '/api/v1/sessions', { body: { user, password } }),
  logout: () => ask('DELETE', '/api/v1/session'),
  halls: () => ask<Glance[]>('GET', '/api/v1/halls'),
  once: (from: string, to: string) => ask<Once>('GET', `/api/v1/runonce?from=${from}&to=${to}`),
  standard: () => ask<StandardState>('GET', '/api/v1/standard'),
  publish: (base: number, from: string, note: string, matters: Matter[]) => ask<Standard>('POST', '/api/v1/standard', { body: { base, from, note, matters } }),
  users: () => ask<User[]>('GET', '/api/v1/users'),
  open: (body: { user: string; name: string; role: Role }) => ask<Given>('POST', '/api/v1/users', { body }),
  change: (name: string, body: { role?: Role; close?: boolean }) => ask<User>('PUT', user(name), { body }),
  reset: (name: string) => ask<Given>('POST', `${user(name)}/password`),
  unlock: (name: string) => ask('POST', `${user(name)}/unlock`),
}

/** The hall and the number of what the city names hall/number. */
export function parts(id: string): { hall: string; number: string } {
  const cut = id.indexOf('/')
  return cut < 0 ? { hall: '', number: id } : { hall: id.slice(0, cut), number: id.slice(cut + 1) }
}

/** The zone of the city's halls, as the server has it. */
const zone = 'Asia/Shanghai'

/** A moment as staff read it, in the halls' time: the time of today, else with its day. */
export function moment(text: string): string {
  const day = dayOf(text, zone)
  const time = clockOf(text, zone)
  return day === dayOf(Date.now(), zone) ? time : `${day.slice(5)} ${time}`
}
