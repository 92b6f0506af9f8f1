// What travels between the server and the pages: the JSON of server/wire, name for name.

export type Lang = 'zh' | 'ug' | 'kk' | 'en'
export type Text = Partial<Record<Lang, string>>

export interface Hall {
  id: string
  name: Text
  zone: string
  day: string
  open: boolean
  notice?: Text
  hours: Hours
  resumes?: string; opens?: string // when the next opening begins: in a break; before the day's first, when numbers are given out
  ended_early?: boolean // a person ended the day before its time; notice says so
}

export interface Hours {
  always?: boolean
  spans?: { from_min: number; to_min: number }[]
  early_min: number
  day_turns_min: number
}

export interface Field {
  id: string
  name: Text
  icon: string
}

export interface Matter {
  code: string
  name: Text
  field: string
  department: string
  kind: 'on_the_spot' | 'promised'
  promised_days: number
  materials: string[] | null
  subject: string
  service_min: number
  keywords?: string[]
}

export interface Catalogue {
  hall: Hall
  version: string
  example: boolean
  fields: Field[]
  matters: Matter[]
  covers: string[][] | null
  popular?: string[] // at this kiosk
}

/** What somebody who has shown who they are has open. */
export interface PersonOpen {
  tickets: Ticket[] | null
  cases: OpenCase[] | null
  appointments: Appointment[] | null // of today that are not checked in
}

/** An appointment without a word about the person. */
export interface Appointment {
  id: string
  code: string
  url: string
  day: string
  from: string
  at: string
  matters: string[]
  state: 'booked' | 'arrived' | 'missed' | 'cancelled'
  reason?: string
  check_in: 'early' | 'open' | 'late' | 'over'
  check_in_from: string
  grace_until: string
  check_in_until: string
  number?: string
  track_url?: string
  late?: boolean
  missed_before?: number // for staff
  channel?: 'phone' | 'desk' // for staff
}

/** Another hall of the city that takes appointments. */
export interface OtherHall {
  hall: string
  name: string
  address?: string
  km?: number
}

export interface AppointmentList {
  day: string
  appointments: Appointment[]
  totals: { booked: number; arrived: number; late: number; missed: number; cancelled: number }
}

export interface BookingOffer {
  hall: Hall
  on: boolean
  days_ahead: number
  early_min: number
  late_min: number
  grace_min: number
  fields: Field[]
  matters: Matter[]
}

export interface BookingDays {
  days: { day: string; slots: { from: string; free: number }[] }[]
  notice?: string
}

export interface OpenCase {
  case: string
  matter: string
  opened_at: string
  ready: boolean
}

export interface WaitEnds {
  p50_min: number
  p90_min: number
}

export interface Wait extends WaitEnds {
  p80_min: number
}

export type TicketState = 'waiting' | 'called' | 'serving' | 'held' | 'done' | 'no_show' | 'abandoned' | 'cancelled'
export type Priority = 'ordinary' | 'appointment' | 'elderly' | 'disabled' | 'pregnant' | 'military'

export interface Ticket {
  id: string
  number: string
  day: string
  state: TicketState
  field: string
  matters: string[]
  remaining?: string[]
  priority: Priority
  language: Lang
  window?: string
  calls: number
  ahead: number
  wait: Wait | null
  issued_at: string
  called_at?: string
  started_at?: string
  ended_at?: string
  track_url?: string
  print?: string
  note?: string
  offline?: boolean
  actor?: 'agent' | 'staff'
  cases?: string[]
  collect?: boolean
  from?: string
  known?: boolean
  slot?: string // of its appointment
  papers?: Record<string, string[]> // by matter, what the person said is missing; [] = all there
}

export interface Track {
  hall: Hall
  ticket: Ticket
  field_name: Text
}

export interface Why {
  rule: string
  version: number
  candidates: number
  waited_s: number
  sentence: Text
  step?: string
  target_s?: number
  ratio?: number
  score?: number
  reserved?: number
  passed?: boolean
  heads?: WhyHead[]
  others?: { window: string; reason: string }[]
}

/** The first of a line that a window may serve, with what the rule made of it. */
export interface WhyHead {
  number: string
  priority: string
  waiting: number
  waited_s: number
  ratio: number
  primary?: boolean
  share: number
  score: number
  reserved?: boolean
}

export interface NextResponse {
  ticket: Ticket
  why: Why
}

export interface Session {
  user: string
  name: string
  role: 'clerk' | 'guide' | 'manager' | 'kiosk' | 'screen' | 'counter' | 'department' | 'platform' | 'system' | 'security' | 'audit'
  window?: string
  department?: string
  token?: string
  zone: string
  demo?: boolean
  must_change?: boolean
}

export interface Call {
  seq: number
  number: string
  window: string
  field: string
  calls: number
  state: 'called' | 'serving' | 'done' | 'no_show'
  called_at: string
}

export interface FieldLoad {
  id: string
  name: Text
  icon: string
  waiting: number
  windows: number
  head_issued_at?: string
  served_today: number
  wait: Wait | null
}

export type WindowStateName = 'open' | 'paused' | 'closed'

export interface BoardWindow {
  id: string
  name: string
  state: WindowStateName
  number?: string
  fields: string[] | null
  ticket?: 'called' | 'serving'
  until?: string
  clerk?: string
}

export type PanelKind = 'head' | 'newest' | 'calls' | 'waiting' | 'windows' | 'paused' | 'window' | 'notices' | 'ticker'

export interface Panel {
  kind: PanelKind
  x: number
  y: number
  w: number
  h: number
}

export type ScreenKind = 'hall' | 'area' | 'window' | 'waiting'
export type Theme = 'dark' | 'light' | 'contrast'

export interface Screen {
  id: string
  name: string
  kind: ScreenKind
  fields?: string[] | null
  window?: string
  languages: Lang[] | null
  theme: Theme
  clerk?: boolean
  ticker?: Text
  landscape: Panel[] | null
  portrait: Panel[] | null
}

export type Direction = 'left' | 'right' | 'ahead' | 'back' | 'up' | 'down' | 'left_up' | 'right_up' | 'left_down' | 'right_down'

export interface Area {
  id: string
  name: Text
  windows: string[]
  arrow?: Direction
}

export interface BoardVoice {
  on: boolean
  volume: number
  times: number
  every_s: number
  zone?: string[]
  note?: string
}

export interface Notice {
  id: string
  text: Text
  screens?: string[]
  until?: string
}

export interface Board {
  type: string
  seq: number
  at: string
  name?: number
  build?: string
  hall: Hall
  screen: Screen
  calls: Call[] | null
  fields: FieldLoad[] | null
  windows: BoardWindow[] | null
  notices: Notice[] | null
  areas: Area[] | null
  voice: BoardVoice
}

export interface ScreenPlan extends Screen {
  area?: string
  silent?: boolean
  zone?: string[]
  arrows?: Record<string, Direction>
}

export interface VoicePlan {
  off?: boolean
  languages: Lang[]
  gong: boolean
  rate: number
  times: number
  every_s: number
  volumes: { from: number; volume: number }[]
}

export interface ScreenClient {
  client: 'page' | 'display'
  version?: string
  address: string
  since: string
  heard_at: string
  heard_s: number
  width?: number
  height?: number
  seq?: number
  shows?: string
  sound?: 'on' | 'off' | 'blocked' | 'failed'
  behind_s?: number
  note?: string
}

export interface ScreenState {
  plan: ScreenPlan
  own: boolean
  clients: ScreenClient[]
}

export interface ScreenList {
  at: string
  zone: string
  screens: ScreenState[]
  areas: Area[]
  voice: VoicePlan
  notices: Notice[]
  no_voice?: string
}

export interface Window {
  id: string
  name: string
  kind: string
  fields: string[] | null
  state: WindowStateName
  reason?: string
  clerk?: string
  since: string
  until?: string
  ticket: Ticket | null
  served: number
  may: string[] | null // acts that its clerk may do now
  recall_from?: string
  no_show_from?: string
  asked?: Asked // the hall wants this closed window opened
}

export interface Asked {
  field: Text
  waiting: number
  over_min: number
  at: string
}

export interface Totals {
  issued: number
  waiting: number
  called: number
  serving: number
  held: number
  done: number
  no_show: number
  abandoned: number
  cancelled: number
}

export interface DeviceState {
  device: string
  part: string
  state: string
  reason?: string
  note?: string
  since: string
}

export interface HallState {
  type: string
  seq: number
  at: string
  hall: Hall
  totals: Totals
  fields: FieldLoad[] | null
  windows: Window[] | null
  waiting: Ticket[] | null
  held: Ticket[] | null
  missed: Ticket[] | null
  devices: DeviceState[] | null
  unprinted: Ticket[] | null
  day_may: '' | 'close' | 'reopen'
  issue_until?: string // no ticket of the day is issued from then on
  disk?: { free_bytes: number; least_bytes: number } // where the disk will soon be full
}

export type OutcomeCode =
  | 'accepted' | 'done' | 'incomplete' | 'corrected' | 'deferred' | 'no_authority'
  | 'consultation' | 'collected' | 'paid' | 'progress' | 'complaint' | 'withdrawn'

/** Who somebody says to be; the number goes to the server and is kept nowhere. */
export interface Person {
  kind: 'id' | 'company' | 'none'
  number?: string
}

// The kiosk agent's local API.

export interface PartState {
  state: 'up' | 'warning' | 'down' | 'unknown'
  reason?: string
  note?: string
}

export interface KioskState {
  online: boolean
  own_numbers: boolean
  token_refused: boolean
  undelivered: number
  hall: Hall | null
  server_time: string
  speak: boolean // pages are read aloud from the start
  printer: PartState
  reader: PartState
}

export interface Card {
  ref: string
  name_mask: string
  number_mask: string
  type: string
}

export interface Problem {
  code: string
  note?: string
}

export interface PrintProgress {
  ticket: string
  state: 'printing' | 'printed' | 'sent' | 'failed' | 'uncertain'
  reason?: string
  note?: string
}

/** How good the told waits were, and which fields will be too full: GET /api/v1/forecasts. */
export interface ForecastReport {
  days: number
  enough: boolean
  needed: number
  overall: ForecastGroup
  fields: ForecastGroup[]
  hours: ForecastGroup[]
  foresees: boolean
  alarms: { field: string; name: Text; from: string; wait_min: number; cause: 'unopened' | 'all_open' | 'break'; back?: string }[]
  alarm_min: number
}

export interface ForecastGroup {
  name: string
  n: number
  mae_min: number
  bias_min: number
  wait_mean_min: number
  coverage: { level: number; share: number; lo: number; hi: number }[]
}
