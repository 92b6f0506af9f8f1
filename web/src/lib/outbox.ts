import { keep, read } from './locale'

/** An act on its way: kept by the browser until the server has answered, so that neither a reload nor a restart loses or doubles it. */
export interface Errand {
  key: string // Idempotency-Key
  path: string
  body: unknown
  what: string // the act's name in the messages
  number: string // of the ticket it is about, or empty
  user: string
  at: number
}

const slot = 'yitang.errands'
const mostKept = 20

function all(): Errand[] {
  try {
    const kept: unknown = JSON.parse(read(slot) ?? '[]')
    return Array.isArray(kept) ? (kept as Errand[]) : []
  } catch {
    return []
  }
}

function write(list: Errand[]): void {
  keep(slot, JSON.stringify(list.slice(-mostKept)))
}

/** What this user sent without having seen an answer, oldest first. */
export function errandsOf(user: string): Errand[] {
  return all().filter((errand) => errand.user === user)
}

export function keepErrand(errand: Errand): void {
  write([...all().filter((other) => other.key !== errand.key), errand])
}

export function dropErrand(key: string): void {
  write(all().filter((errand) => errand.key !== key))
}
