import { dateOf } from '../lib/clock'
import { currentLang, tagOf } from '../lib/locale'

/** A day of the hall in words of the page's language, or in figures where the system lacks it. */
export function daysWords(day: string): string {
  return day ? dateOf(Date.parse(`${day}T12:00:00Z`), 'UTC', tagOf(currentLang())) : ''
}
