import { computed, onScopeDispose, ref, type ComputedRef, type Ref } from 'vue'
import type { WaitEnds } from './wire'

const tickMS = 1000

/** Milliseconds now, ticking once a second, moved by offsetMS to the server's clock. */
export function useNow(offsetMS: () => number = () => 0): Readonly<Ref<number>> {
  const tick = ref(Date.now())
  const timer = setInterval(() => (tick.value = Date.now()), tickMS)
  onScopeDispose(() => clearInterval(timer))
  return computed(() => tick.value + offsetMS())
}

export function secondsBetween(from: string | undefined | null, now: number): number {
  if (!from) return 0
  return Math.max(0, Math.floor((now - Date.parse(from)) / 1000))
}

export function clockOf(at: string | number | undefined | null, zone: string, seconds = false): string {
  if (!at) return ''
  const options: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone }
  if (seconds) options.second = '2-digit'
  return new Intl.DateTimeFormat('en-GB', options).format(new Date(at))
}

/** A moment in figures, in a zone: 2025-06-03 10:04:05. */
export function momentOf(at: string | number | undefined | null, zone: string): string {
  if (!at) return '—'
  return `${dayOf(at, zone)} ${clockOf(at, zone, true)}`
}

/** A date in words where the system knows the language in this script, else in figures: 2025-06-03. */
export function dateOf(at: number, zone: string, tag: string): string {
  const known = !['ug', 'kk'].includes(tag.slice(0, 2))
  const options: Intl.DateTimeFormatOptions = known
    ? { month: 'long', day: 'numeric', weekday: 'long', timeZone: zone }
    : { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: zone }
  return new Intl.DateTimeFormat(known ? tag : 'sv-SE', options).format(new Date(at))
}

/** A date as it stands on a paper: 2025年6月3日. */
export function paperDateOf(at: number, zone: string): string {
  return new Intl.DateTimeFormat('zh-CN', { year: 'numeric', month: 'long', day: 'numeric', timeZone: zone }).format(new Date(at))
}

/** The minutes of a wait as they stand in a sentence: 10–20, 40 where the median and the 90 % come to the same, or their end where it begins at once. */
export function waitRange(w: Partial<WaitEnds>): string {
  if (w.p50_min === 0) return `${Math.max(w.p90_min ?? 0, waitStepMin)}`
  return w.p50_min === w.p90_min ? `${w.p50_min}` : `${w.p50_min}–${w.p90_min}`
}

/** A wait is told in steps of so many minutes. */
const waitStepMin = 5

/** The sentence for a wait: one that may be none is said as "within 5 minutes". */
export const waitKey = (key: string, w: Partial<WaitEnds>) => (w.p50_min === 0 ? `${key}Soon` : key)

/** A span of seconds as the message key and values that say it: seconds below a minute, then minutes, then hours. */
export function spanKey(seconds: number): { key: string; values: Record<string, number> } {
  if (seconds < 60) return { key: 'span.s', values: { s: seconds } }
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return { key: 'span.m', values: { m: minutes } }
  return { key: 'span.h', values: { h: Math.floor(minutes / 60), m: minutes % 60 } }
}

/** A wait as a manager reads it, in whole minutes and one at least, in seconds: the same figure wherever it stands. */
export const wholeMinutes = (seconds: number) => Math.max(60, Math.floor(seconds / 60) * 60)

export type Now = ComputedRef<number> | Readonly<Ref<number>>

/** The day of a moment in a zone, in figures: 2025-06-03. */
export function dayOf(at: string | number | undefined | null, zone: string): string {
  if (!at) return ''
  return new Intl.DateTimeFormat('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: zone }).format(new Date(at))
}
