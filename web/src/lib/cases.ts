// The JSON of server/wire about cases, papers and ratings, name for name.
import type { OutcomeCode, Person, Text, Ticket } from './wire'

export type CaseState = 'filed' | 'accepted' | 'supplement' | 'suspended' | 'decided' | 'ready' | 'closed'
export type Colour = 'green' | 'yellow' | 'red' | 'grey'
export type Purpose = 'Q' | 'A' | 'B' | 'V' | 'P' | 'C' | 'S' | 'X' | 'R'

export interface CaseNotice {
  seq: number
  at: string
  items: string[] | null
  written: boolean
  contact?: string
}

export interface Opinion {
  department: string
  kind: 'visit' | 'review' | 'check'
  result?: 'pass' | 'fail'
  note?: string
  at?: string
}

export interface Case {
  case: string
  matter: string
  matter_name: Text
  subject_kind?: string
  agent?: boolean
  channel?: string
  state: CaseState
  opened_at: string
  accepted_at?: string
  decided_at?: string
  ready_at?: string
  closed_at?: string
  end?: string
  first_complete?: 'yes' | 'no'
  promised_days?: number
  promised_day?: string
  extended_days?: number
  suspended_on?: string
  suspended_for?: string
  days_left?: number
  colour?: Colour
  calendar_note?: string
  department?: string
  sent_at?: string
  acknowledged_at?: string
  returned_for?: string
  decision?: 'granted' | 'refused'
  org?: string
  seal?: string
  document_no?: string
  delivery_offered?: 'yes' | 'no'
  delivery_chosen?: 'mail' | 'collect'
  delivered_how?: 'window' | 'mail' | 'electronic'
  tracking?: string
  authority?: string
  notices?: CaseNotice[]
  deferred?: { item: string; until: string }[]
  joint?: Opinion[]
  master?: boolean
  acts?: string[] // the steps that it allows now
}

export interface CaseVisit {
  ticket: string
  leg: number
  at: string
  window: string
  outcome: string
  purpose: Purpose
  derived?: Purpose
}

export interface PaperLink {
  kind: string
  case: string
  title: string
  url: string
}

export interface Paper {
  kind: string
  title: string
  case: string
  code: string
  hall: Text
  at: string
  matter: Text
  lines: { label: string; value: string }[]
  items?: string[]
  closing: string[]
  org: string
  texts?: { language: string; title: string }[]
}

export interface CaseFile {
  case: Case
  visits: CaseVisit[] | null
  papers: PaperLink[] | null
}

export interface CaseResponse {
  case: Case
  papers?: PaperLink[]
}

export interface CaseList {
  cases: Case[] | null
  more?: boolean
}

/** The body of an act on a case; each act reads what it needs. */
export interface CaseAct {
  items?: string[]
  oral?: boolean
  contact?: string
  reason?: string
  note?: string
  days?: number
  department?: string
  departments?: string[]
  kind?: string
  result?: string
  decision?: string
  document_no?: string
  how?: string
  tracking?: string
  delivery_offered?: string
  delivery_chosen?: string
  end?: string
  authority?: string
}

export interface Outcome {
  matter: string
  outcome: string
  purpose?: Purpose
  derived?: Purpose
  case?: string
  new_case?: boolean
  person?: Person
  missing?: string[]
  oral?: boolean
  until?: string
  contact?: string
  authority?: string
  delivery_offered?: string
  delivery_chosen?: string
  note?: string
}

export interface Leg {
  leg: number
  window: string
  clerk: string
  called_at: string
  started_at?: string
  ended_at?: string
  end?: string
  reason?: string
  outcomes?: Outcome[]
}

export interface BriefMatter {
  matter: string
  case: Case | null
  visits: number
  purpose: Purpose
  endings: { outcome: OutcomeCode; purpose: Purpose }[] // the outcomes that it may have
}

export interface Brief {
  ticket: Ticket
  legs: Leg[] | null
  matters: BriefMatter[] | null
}

/** Who comes next at a window, and why. */
export interface Coming {
  ticket: Ticket
  step: string
  passes?: boolean
  sentence: Text
}

export interface WindowQueue {
  seq: number
  waiting: number
  coming: Coming[] | null
}

export interface FinishResponse {
  ticket: Ticket
  outcomes: Outcome[] | null
  papers: PaperLink[] | null
}

export interface RatingForm {
  ticket?: string
  number?: string
  window?: string
  ended_at?: string
  rated?: boolean
  reasons: string[]
}
