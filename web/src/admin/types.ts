// What travels to and from /api/v1/admin: the JSON of server/wire/admin.go, name for name.

import type { Text } from '../lib/wire'

export type Act = 'close' | 'approve' | 'rights' | 'suspend' | 'restore' | 'unlock' | 'password'

export interface Account {
  user: string
  name: string
  role: string
  window?: string
  department?: string
  state: 'pending' | 'active' | 'suspended' | 'closed'
  must_change?: boolean
  locked_until?: string
  acts: Act[]
}

export interface Accounts {
  accounts: Account[]
  roles: string[]
  windows: string[]
  departments: string[]
  missing: string[]
}

export interface AccountAnswer {
  account: Account
  password?: string
}

export interface AccountSession {
  id: string
  user: string
  role: string
  source?: string
  made?: string
  seen?: string
  own?: boolean
}

export interface Device {
  device: string
  role: string
  window?: string
  state: string
  source?: string
  made?: string
  seen?: string
}

export interface WaitingDevice {
  code: string
  role: string
  name: string
  window?: string
  source: string
  asked_at: string
}

export interface Devices {
  devices: Device[]
  waiting: WaitingDevice[]
  windows: string[]
}

export interface AuditLine {
  seq: number
  at: string
  actor: string
  kind: string
  subject?: string
  what?: string
  user?: string
  source?: string
  note?: string
}

export interface Verdict {
  running: boolean
  began?: string
  ended?: string
  events: number
  fault?: string
  problem?: string
}

export interface Clock {
  state: 'right' | 'ahead' | 'behind'
  now: string
  day: string
  last?: string
  last_day: string
  open: boolean
  unfinished: number
}

export interface Follower {
  address: string
  seq: number
  behind: number
  behind_s: number
  heard?: string
  follows: boolean
}

export interface Servers {
  server: { role: 'primary' | 'standby' | 'fenced'; seq: number; primary?: string; head?: number; note?: string }
  followers: Follower[]
  heads: number
  head?: { day: string; seq: number; at: string }
  disk?: { free_bytes: number; least_bytes: number; note?: string }
}

export interface Span {
  from_min: number
  to_min: number
}

export interface Settings {
  base: string
  name: Text
  zone: string
  hours: { always: boolean; spans: Span[] }
  desk: { calls: number; recall_every_s: number; last_call_first: boolean; rating_days: number; yellow_days: number; red_days: number }
  limits: { open_per_matter: number; per_day: number }
}
