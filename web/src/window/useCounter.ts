import { computed, ref, watch, type Ref, type ShallowRef } from 'vue'
import { act, newKey } from '../lib/api'
import { wordsOf } from '../lib/errors'
import type { HallState, NextResponse, OutcomeCode, Ticket, Why, Window } from '../lib/wire'

export type Act = 'open' | 'resume' | 'next' | 'start' | 'finish' | 'recall' | 'hold' | 'transfer' | 'no-show' | 'pause' | 'close'
export type Done = 'held' | 'no_show' | 'transferred' | 'finished' | 'resumed' | 'reactivated'

export interface Notice {
  did: Done
  ticket: Ticket
  undo: (() => Promise<void>) | null
}

type Answer = Partial<NextResponse> & { window?: Window }

/** One window's acts. The server decides what is allowed; this shows the newest answer until the live state has caught up. */
export function useCounter(id: () => string, live: ShallowRef<HallState | null>) {
  const busy = ref(false)
  const unsure = ref(false)
  const problem = ref('')
  const nobody = ref(false)
  const why = ref<Why | null>(null)
  const notice: Ref<Notice | null> = ref(null)
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

  async function send(path: string, body: unknown, leaves = false): Promise<Answer | null | undefined> {
    if (busy.value) return undefined
    busy.value = true
    problem.value = ''
    nobody.value = false
    try {
      const answer = await act<Answer>(path, body, { key: newKey(), onUnsure: (on) => (unsure.value = on) })
      show(answer, leaves)
      return answer
    } catch (error) {
      problem.value = wordsOf(error)
      return undefined
    } finally {
      busy.value = false
    }
  }

  const atWindow = (what: Act) => `/api/v1/windows/${encodeURIComponent(id())}/${what}`
  const onTicket = (ticket: Ticket, what: string) => `/api/v1/tickets/${encodeURIComponent(ticket.id)}/${what}`

  async function simple(what: Act): Promise<void> {
    await send(atWindow(what), {})
  }

  async function next(): Promise<void> {
    notice.value = null
    why.value = null
    const answer = await send(atWindow('next'), {})
    if (answer === null) nobody.value = true
    why.value = answer?.why ?? null
  }

  async function leave(what: Act, did: Done, body: unknown, undo?: (ticket: Ticket) => Promise<void>): Promise<void> {
    const ticket = inHand.value
    if (!ticket) return
    if ((await send(atWindow(what), body, true)) === undefined) return
    why.value = null
    notice.value = { did, ticket, undo: undo ? () => undo(ticket) : null }
  }

  const finish = (outcomes: { matter: string; outcome: OutcomeCode }[]) => leave('finish', 'finished', outcomes.length ? { outcomes } : {})
  const hold = (reason: string) => leave('hold', 'held', { reason }, resume)
  const noShow = () => leave('no-show', 'no_show', {}, reactivate)
  const transfer = (to: { field?: string; window?: string; reason?: string }) => leave('transfer', 'transferred', to)

  async function resume(ticket: Ticket): Promise<void> {
    if ((await send(onTicket(ticket, 'resume'), { window: id() })) !== undefined) notice.value = null
  }

  async function reactivate(ticket: Ticket): Promise<void> {
    const kept = ahead.value
    const answer = await send(onTicket(ticket, 'reactivate'), {}, inHand.value === null)
    if (answer === undefined) return
    ahead.value = kept // the ticket in hand is another one
    notice.value = { did: 'reactivated', ticket, undo: null }
  }

  watch(id, () => (ahead.value = null))
  watch(() => live.value?.windows, () => nobody.value && (live.value?.waiting?.length ?? 0) > 0 && (nobody.value = false))

  return { window, inHand, main, busy, unsure, problem, nobody, why, notice, simple, next, finish, hold, noShow, transfer, resume, reactivate }
}

export type Counter = ReturnType<typeof useCounter>
