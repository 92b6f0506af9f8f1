import { computed, ref, watch, type Ref, type ShallowRef } from 'vue'
import { act, ApiError, newKey } from '../lib/api'
import { wordsOf } from '../lib/errors'
import { dropErrand, errandsOf, keepErrand, type Errand } from '../lib/outbox'
import type { HallState, NextResponse, OutcomeCode, Ticket, Why, Window } from '../lib/wire'

export type Act = 'open' | 'resume' | 'next' | 'start' | 'finish' | 'recall' | 'hold' | 'transfer' | 'no-show' | 'pause' | 'close'
export type Done = 'held' | 'no_show' | 'transferred' | 'finished' | 'reactivated' | 'confirmed'

export interface Notice {
  did: Done
  ticket: Ticket
  undo: (() => Promise<void>) | null
}

type Answer = Partial<NextResponse> & { window?: Window }

// An act without an answer is sent again by itself for so long; after that the clerk is asked, since the hall has gone on.
const sureForMS = 10 * 60_000

export interface Desk {
  id: () => string // the window
  user: () => string
  live: ShallowRef<HallState | null>
  onLost: () => void // the session has ended
}

/** One window's acts. The server decides what is allowed; this shows the newest answer until the live state has caught up. */
export function useCounter({ id, user, live, onLost }: Desk) {
  const busy = ref(false)
  const unsure = ref(false)
  const problem = ref('')
  const nobody = ref(false)
  const why = ref<Why | null>(null)
  const notice: Ref<Notice | null> = ref(null)
  const doubtful: Ref<Errand | null> = ref(null)
  const confirmed: Ref<Errand | null> = ref(null)
  const ahead = ref<{ window: Window; seq: number } | null>(null)

  const fromLive = computed(() => live.value?.windows?.find((window) => window.id === id()) ?? null)
  const window = computed(() => {
    const seq = live.value?.seq ?? -1
    return ahead.value && ahead.value.seq >= seq ? ahead.value.window : fromLive.value
  })
  const inHand = computed(() => window.value?.ticket ?? null)

  /** The next sensible act in the order of a clerk's day. */
  const main = computed<Act>(() => {
    if (window.value?.state === 'closed') return 'open'
    if (inHand.value) return inHand.value.state === 'serving' ? 'finish' : 'start'
    return window.value?.state === 'paused' ? 'resume' : 'next'
  })

  function show(answer: Answer | null, leaves: boolean): void {
    const now = window.value
    if (!now) return
    const next = answer?.window ?? { ...now, ticket: leaves ? null : (answer?.ticket ?? now.ticket) }
    ahead.value = { window: next, seq: live.value?.seq ?? 0 }
  }

  async function send(what: string, path: string, body: unknown, ticket: Ticket | null, leaves = false): Promise<Answer | null | undefined> {
    if (busy.value) return undefined
    const errand = { key: newKey(), path, body, what, number: ticket?.number ?? '', user: user(), at: Date.now() }
    keepErrand(errand)
    return deliver(errand, (answer) => show(answer, leaves))
  }

  /** Sends an act until it has an answer. It is forgotten only then: not when the session has ended, nor with the page. */
  async function deliver(errand: Errand, then: (answer: Answer | null) => void): Promise<Answer | null | undefined> {
    busy.value = true
    problem.value = ''
    nobody.value = false
    try {
      const answer = await act<Answer>(errand.path, errand.body, { key: errand.key, onUnsure: (on) => (unsure.value = on) })
      dropErrand(errand.key)
      then(answer)
      return answer
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return void onLost()
      dropErrand(errand.key)
      problem.value = wordsOf(error)
      return undefined
    } finally {
      busy.value = false
    }
  }

  /** What the page before this one sent without an answer: asked for again with the same key, or shown when it is old. */
  async function takeUp(): Promise<void> {
    for (const errand of errandsOf(user())) {
      if (Date.now() - errand.at > sureForMS) doubtful.value = errand
      else await confirm(errand)
    }
  }

  async function confirm(errand: Errand): Promise<void> {
    doubtful.value = null
    const answer = await deliver(errand, () => undefined)
    if (answer !== undefined) confirmed.value = errand
  }

  function forget(errand: Errand): void {
    dropErrand(errand.key)
    doubtful.value = null
  }

  const atWindow = (what: Act) => `/api/v1/windows/${encodeURIComponent(id())}/${what}`
  const onTicket = (ticket: Ticket, what: string) => `/api/v1/tickets/${encodeURIComponent(ticket.id)}/${what}`

  async function simple(what: Act): Promise<void> {
    await send(what, atWindow(what), {}, inHand.value)
  }

  async function next(): Promise<void> {
    notice.value = null
    why.value = null
    confirmed.value = null
    const answer = await send('next', atWindow('next'), {}, null)
    if (answer === null) nobody.value = true
    why.value = answer?.why ?? null
  }

  async function leave(what: Act, did: Done, body: unknown, undo?: (ticket: Ticket) => Promise<void>): Promise<void> {
    const ticket = inHand.value
    if (!ticket) return
    if ((await send(what, atWindow(what), body, ticket, true)) === undefined) return
    why.value = null
    notice.value = { did, ticket, undo: undo ? () => undo(ticket) : null }
  }

  const finish = (outcomes: { matter: string; outcome: OutcomeCode }[]) => leave('finish', 'finished', outcomes.length ? { outcomes } : {})
  const hold = (reason: string) => leave('hold', 'held', { reason }, resume)
  const noShow = () => leave('no-show', 'no_show', {}, reactivate)
  const transfer = (to: { field?: string; window?: string; reason?: string }) => leave('transfer', 'transferred', to)

  async function resume(ticket: Ticket): Promise<void> {
    if ((await send('take', onTicket(ticket, 'resume'), { window: id() }, ticket)) !== undefined) notice.value = null
  }

  async function reactivate(ticket: Ticket): Promise<void> {
    const kept = ahead.value
    const answer = await send('back', onTicket(ticket, 'reactivate'), {}, ticket, inHand.value === null)
    if (answer === undefined) return
    ahead.value = kept // the ticket in hand is another one
    notice.value = { did: 'reactivated', ticket, undo: null }
  }

  void takeUp()
  watch(id, () => (ahead.value = null))
  watch(() => live.value?.windows, () => nobody.value && (live.value?.waiting?.length ?? 0) > 0 && (nobody.value = false))

  return { window, inHand, main, busy, unsure, problem, nobody, why, notice, doubtful, confirmed, confirm, forget, simple, next, finish, hold, noShow, transfer, resume, reactivate }
}

export type Counter = ReturnType<typeof useCounter>
