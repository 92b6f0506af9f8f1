import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { act, ApiError, ask, newKey } from '../../lib/api'
import { wordsOf } from '../../lib/errors'

/** A bad rating on its way: verified, answered, closed. The JSON of wire.RatingTask. */
export interface Task {
  id: string
  number: string
  window: string
  about: string // user of the clerk
  grade: number
  reasons: string[] | null
  text?: string
  at: string
  due?: string
  late?: boolean
  state: 'new' | 'verified' | 'answered' | 'closed'
  verifier?: string
  verified?: 'true' | 'false' | 'unclear'
  finding?: string
  answer?: string
  verified_at?: string
  answered_at?: string
  closed_at?: string
}

/** What comes next for a task, by its state, as the path has it. */
export const nextStep = { new: 'verify', verified: 'answer', answered: 'close', closed: '' } as const

const againMS = 15_000
const giveUpAfterMS = 20_000

/** The tasks that are open, or those that were closed, asked for again and again; and the steps on them. */
export function useTasks(closed: () => boolean, onLost: () => void) {
  const tasks = shallowRef<Task[] | null>(null)
  const busy = ref(false)
  const problem = ref('')

  function failed(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) onLost()
    else problem.value = wordsOf(error)
  }

  async function look(): Promise<void> {
    const asked = closed()
    try {
      const list = await ask<{ tasks: Task[] | null }>('GET', `/api/v1/ratings/tasks${asked ? '?closed=yes' : ''}`)
      if (asked === closed()) tasks.value = list?.tasks ?? []
    } catch (error) {
      failed(error)
    }
  }

  /** True when the step is done. */
  async function step(task: Task, what: string, body: { verified?: string; text?: string }): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    problem.value = ''
    try {
      await act(`/api/v1/ratings/${encodeURIComponent(task.id)}/${what}`, body, { key: newKey(), giveUpAfterMS })
      await look()
      return true
    } catch (error) {
      failed(error)
      return false
    } finally {
      busy.value = false
    }
  }

  const timer = setInterval(look, againMS)
  onScopeDispose(() => clearInterval(timer))
  watch(closed, look, { immediate: true })
  return { tasks, busy, problem, step }
}
