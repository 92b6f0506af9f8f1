import { onScopeDispose, ref, shallowRef } from 'vue'
import { ApiError, ask } from '../lib/api'
import { backoffMS } from '../lib/backoff'
import type { Card, Catalogue, KioskState, PrintProgress, Problem } from '../lib/wire'

export type Agent = 'connecting' | 'up' | 'away' | 'not_here'

interface Heard {
  card: (card: Card) => void
  cardRemoved: () => void
  cardProblem: (problem: Problem) => void
  print: (progress: PrintProgress) => void
}

/** The kiosk agent on this PC: its events and what it offers. */
export function useLocal(heard: Heard) {
  const agent = ref<Agent>('connecting')
  const state = shallowRef<KioskState | null>(null)
  const catalogue = shallowRef<Catalogue | null>(null)
  const offsetMS = ref(0)
  let source: EventSource | null = null
  let timer = 0
  let tries = 0

  function connect(): void {
    source?.close()
    const mine = new EventSource('/local/events')
    source = mine
    const on = <T>(name: string, then: (data: T) => void) =>
      mine.addEventListener(name, (event) => then(JSON.parse((event as MessageEvent<string>).data) as T))
    on<KioskState>('state', takeState)
    on<Card>('card', heard.card)
    on('card_removed', heard.cardRemoved)
    on<Problem>('card_problem', heard.cardProblem)
    on<PrintProgress>('print', heard.print)
    mine.onerror = () => mine === source && void lost()
  }

  function takeState(next: KioskState): void {
    const cameBack = next.online && (!state.value?.online || agent.value !== 'up')
    tries = 0
    agent.value = 'up'
    state.value = next
    offsetMS.value = Date.parse(next.server_time) - Date.now() || 0
    if (cameBack || !catalogue.value) void readCatalogue()
  }

  async function lost(): Promise<void> {
    source?.close()
    source = null
    if (await absent()) {
      agent.value = 'not_here'
      return
    }
    if (agent.value === 'up' || tries > 1) agent.value = 'away'
    timer = window.setTimeout(connect, backoffMS(tries++))
  }

  async function readCatalogue(): Promise<void> {
    try {
      catalogue.value = await ask<Catalogue>('GET', '/local/catalogue')
    } catch {
      /* kept as it was; the next state that comes back online reads it again */
    }
  }

  connect()
  onScopeDispose(() => {
    clearTimeout(timer)
    source?.close()
  })
  return { agent, state, catalogue, offsetMS, readCatalogue }
}

/** An EventSource does not tell a missing agent from a sleeping one; a plain request does. */
async function absent(): Promise<boolean> {
  try {
    await ask('GET', '/local/catalogue')
    return false
  } catch (error) {
    return error instanceof ApiError && error.status === 404
  }
}
