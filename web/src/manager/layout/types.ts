import type { Text } from '../../lib/wire'

export type ActName = 'receive' | 'decide' | 'deliver'
export const actNames: ActName[] = ['receive', 'decide', 'deliver']
export const policies = ['ratio', 'fcfs', 'strict', 'edd', 'primary'] as const
export const kinds = ['general', 'field', 'dedicated', 'delivery'] as const

export interface LayoutWindow {
  id: string
  name?: string
  kind: string
  fields: string[]
  acts?: Record<string, ActName[]>
}

export interface Calling {
  policy: string
  pure?: boolean
  quota?: number
  statutory_min: number
  appointment_min: number
  ordinary_min: number
  idle_call_s?: number
  alarm_min?: number
}

export interface Relief {
  field: string
  waiting: number
  over_min: number
  window: string
}

export interface LayoutField {
  id: string
  name: Text
  matters: number
}

export interface LayoutPlan {
  version: string
  fields: LayoutField[]
  windows: LayoutWindow[]
  calling: Calling
  reliefs: Relief[]
  booking: BookingPlan
}

export interface Places {
  field: string
  from: number // minute of the day
  people: number
}

export interface MatterPlaces {
  matter: string
  people: number
}

export interface BookingPlan {
  days_ahead: number
  early_min: number
  late_min: number
  open_max: number
  missed_max: number
  missed_days: number
  usual: Places[]
  days: { day: string; closed?: boolean; places?: Places[] }[]
  matters: MatterPlaces[]
}

export interface LayoutVersion {
  seq: number
  at: string
  by: string
  version: string
  planned: boolean
}

export interface LayoutState {
  now: LayoutPlan
  planned: LayoutPlan | null
  versions: LayoutVersion[]
}

export interface PastDay {
  day: string
  tickets: number
}

export interface Group {
  name: string
  n: number
  wait_mean_min: number
  wait_p50_min: number
  wait_p90_min: number
  within_target: number
  unserved: number
  walks: number
  histogram: number[]
}

export interface WindowLoad {
  window: string
  open_min: number
  busy: number
  served: number
}

export interface Result {
  overall: Group
  classes: Group[]
  fields: Group[]
  windows?: WindowLoad[]
}

export interface Difference {
  mean: number
  lo: number | null // one day has no interval
  hi: number | null
  days: number
}

export interface Whatif {
  days: number
  tickets: number
  from: string
  to: string
  real: Result
  base: Result
  tried: Result
  wait_difference_min: Difference
  within_target_difference: Difference
}
