import { computed, ref, watch, type Ref, type ShallowRef } from 'vue'
import type { FinishResponse, Outcome } from '../lib/cases'
import { useSender, type Sender } from '../lib/sender'
import type { HallState, NextResponse, Person, Ticket, Why, Window } from '../lib/wire'

export type Act =
  | 'open' | 'resume' | 'next' | 'start' | 'finish' | 'recall' | 'hold' | 'transfer' | 'no-show' | 'pause' | 'close'
  | 'split' | 'identify' | 'hand-over' | 'undo'
export type Done = 'held' | 'no_show' | 'transferred' | 'finished' | 'reactivated' | 'split' | 'identified' | 'handed_over' | 'reopened'

export interface Notice {
  did: Done
  number: string
  outcomes?: Outcome[] // as the journal has them
  undo: (() => Promise<void>) | null
}

type Answer = Partial<NextResponse> & Partial<FinishResponse> & { window?: Window; split?: Ticket }

// How long a finish may be taken back, as in the hall's rules.
const undoForMS = 2 * 60_000

/** Whether a body names a person, whom this browser must not keep. */
const hasPerson = (body: unknown) => JSON.stringify(body ?? null).includes('"person":')

export interface Desk extends Sender {
  id: () => string // the window
  live: ShallowRef<HallState | null>
}

/** One window's acts. The server decides what is allowed; this shows the newest answer until the live state has caught up. */
export function useCounter({ id, live, ...rest }: Desk) {
  const sender = useSender<Answer>(rest)
  const { busy, unsure, problem, doubtful, confirmed, confirm, forget } = sender
  const nobody = ref(false)
  const why = ref<Why | null>(null)
  const notice: Ref<Notice | null> = ref(null)
  let undoing: ReturnType<typeof setTimeout> | undefined
  const ahead = ref<{ window: Window; seq: number; guessed: boolean } | null>(null)

  const fromLive = computed(() => live.value?.windows?.find((window) => window.id === id()) ?? null)
  const isAhead = computed(() => (ahead.value?.seq ?? -2) >= (live.value?.seq ?? -1))
  const window = computed(() => {
    return isAhead.value ? ahead.value?.window ?? null : fromLive.value
  })
  // What the window may do next is not known until the live state has come: the next sensible act goes to the server, which judges.
  const guessed = computed(() => isAhead.value && !!ahead.value?.guessed)
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
    ahead.value = { window: next, seq: live.value?.seq ?? 0, guessed: !answer?.window }
  }

  async function send(what: string, path: string, body: unknown, ticket: Ticket | null, leaves = false): Promise<Answer | null | undefined> {
    nobody.value = false
    const answer = await sender.send({ what: `window.errand.${what}`, path, body, about: ticket?.number ?? '', secret: hasPerson(body) })
    if (answer !== undefined) show(answer, leaves)
    return answer
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
    const answer = await send(what, atWindow(what), body, ticket, true)
    if (answer === undefined) return
    why.value = null
    notice.value = { did, number: ticket.number, outcomes: answer?.outcomes ?? [], undo: undo ? () => undo(ticket) : null }
    if (did === 'finished') forgetUndo(notice.value)
  }

  // As long as the server lets a finish be taken back.
  function forgetUndo(of: Notice): void {
    clearTimeout(undoing)
    undoing = setTimeout(() => notice.value?.number === of.number && notice.value.did === 'finished' && (notice.value = { ...of, undo: null }), undoForMS)
  }

  /** An act after which the ticket stays. */
  async function stay(what: Act, did: Done, body: unknown): Promise<void> {
    const answer = await send(what, atWindow(what), body, inHand.value)
    if (answer !== undefined) notice.value = { did, number: answer?.split?.number ?? inHand.value?.number ?? '', undo: null }
  }

  const finish = (outcomes: Outcome[]) => leave('finish', 'finished', outcomes.length ? { outcomes } : {}, reopen)
  const hold = (reason: string) => leave('hold', 'held', { reason }, resume)
  const noShow = () => leave('no-show', 'no_show', {}, reactivate)
  const transfer = (to: { field?: string; window?: string; department?: string; later?: boolean; reason?: string }) => leave('transfer', 'transferred', to)
  const split = (matters: string[], reason: string) => stay('split', 'split', { matters, reason })
  const identify = (body: { person: Person; actor?: string }) => stay('identify', 'identified', body)
  const handOver = (to: string) => stay('hand-over', 'handed_over', { to })
  const pause = (body: { reason?: string; minutes?: number }) => send('pause', atWindow('pause'), body, null)

  /** The finish taken back: for as long as the server lets it be. */
  async function reopen(ticket: Ticket): Promise<void> {
    const answer = await send('undo', atWindow('undo'), {}, ticket)
    if (answer !== undefined) notice.value = { did: 'reopened', number: ticket.number, undo: null }
  }

  async function resume(ticket: Ticket): Promise<void> {
    if ((await send('take', onTicket(ticket, 'resume'), { window: id() }, ticket)) !== undefined) notice.value = null
  }

  async function reactivate(ticket: Ticket): Promise<void> {
    const kept = ahead.value
    const answer = await send('back', onTicket(ticket, 'reactivate'), {}, ticket, inHand.value === null)
    if (answer === undefined) return
    ahead.value = kept // the ticket in hand is another one
    notice.value = { did: 'reactivated', number: ticket.number, undo: null }
  }

  watch(id, () => (ahead.value = null))
  watch(() => live.value?.windows, () => nobody.value && (live.value?.waiting?.length ?? 0) > 0 && (nobody.value = false))

  return { window, inHand, main, guessed, busy, unsure, problem, nobody, why, notice, doubtful, confirmed, confirm, forget, simple, next, finish, hold, noShow, transfer, split, identify, handOver, pause, resume, reactivate }
}

export type Counter = ReturnType<typeof useCounter>
