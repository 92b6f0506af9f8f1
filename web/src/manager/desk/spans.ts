import { ask } from '../../lib/api'

// The periods that a manager asks for most, by the hall's own calendar: its today is not the browser's.
export interface Days {
  today: string
  first: string // day with tickets; empty where there is none
  last: string
}

export interface Dates {
  from: string
  to: string
}

export async function fetchDays(): Promise<Days> {
  return (await ask<Days>('GET', '/api/v1/reports/days')) as Days
}

function day(year: number, month: number, date: number): string {
  return new Date(Date.UTC(year, month, date)).toISOString().slice(0, 10)
}

function parts(iso: string): [number, number, number, number] {
  const date = new Date(`${iso}T00:00:00Z`)
  return [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCDay()]
}

/** The calendar span of n months that ended last: 1 is last month, 3 the last quarter. */
function months(today: string, n: number): Dates {
  const [year, month] = parts(today)
  const end = Math.floor(month / n) * n
  return { from: day(year, end - n, 1), to: day(year, end, 0) }
}

/** Each by its message reports.span.{name}, counted from a day. */
export const spans = {
  today: (today: string): Dates => ({ from: today, to: today }),
  day: (today: string): Dates => {
    const [year, month, date] = parts(today)
    return spans.today(day(year, month, date - 1))
  },
  week: (today: string): Dates => {
    const [year, month, date, weekday] = parts(today)
    const sunday = date - (weekday || 7)
    return { from: day(year, month, sunday - 6), to: day(year, month, sunday) }
  },
  thisMonth: (today: string): Dates => ({ from: `${today.slice(0, 8)}01`, to: today }),
  month: (today: string): Dates => months(today, 1),
  quarter: (today: string): Dates => months(today, 3),
}

/** The year up to today. */
export const thisYear = (today: string): Dates => ({ from: `${today.slice(0, 4)}-01-01`, to: today })

export type Span = keyof typeof spans

/** The span, where the hall has tickets of it; else the newest that has: the day or month of the last ticket. */
export function newest(span: Span, days: Days): Dates {
  const wanted = spans[span](days.today)
  if (!days.last || (days.first <= wanted.to && days.last >= wanted.from)) return wanted
  return span === 'today' || span === 'day' ? spans.today(days.last) : spans.thisMonth(days.last)
}
