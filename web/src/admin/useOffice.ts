import { inject, onScopeDispose, ref, shallowRef, type InjectionKey } from 'vue'
import { ApiError, act, ask, newKey } from '../lib/api'
import { momentOf } from '../lib/clock'
import { wordsOf } from '../lib/errors'

/** One list of the office, asked for again after each act and, with everyMS, now and then. */
export function useOffice<T>(path: () => string, lost: () => void, everyMS = 0) {
  const data = shallowRef<T | null>(null)
  const problem = ref('')
  const done = ref('')
  const busy = ref(false)

  function said(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) lost()
    problem.value = wordsOf(error)
  }

  async function load(): Promise<void> {
    try {
      data.value = await ask<T>('GET', path())
    } catch (error) {
      said(error)
    }
  }

  /** Does one act and shows what has come of it; null when it was refused. */
  async function doAct<A>(method: 'POST' | 'DELETE', to: string, body: unknown, words: string): Promise<A | true | null> {
    if (busy.value) return null
    busy.value = true
    problem.value = done.value = ''
    try {
      const answer = method === 'POST' ? await act<A>(to, body, { key: newKey() }) : await ask<A>('DELETE', to)
      done.value = words
      return answer ?? true
    } catch (error) {
      said(error)
      return null
    } finally {
      busy.value = false
      await load()
    }
  }

  const timer = everyMS ? window.setInterval(() => !document.hidden && void load(), everyMS) : 0
  onScopeDispose(() => clearInterval(timer))
  void load()
  return { data, problem, done, busy, load, doAct }
}

/** The zone of the hall, in which the office shows every time. */
export const zoneKey = Symbol('zone') as InjectionKey<string>

/** Says a moment as people write it, in the hall's zone. */
export function useMoment(): (at: string | undefined) => string {
  const zone = inject(zoneKey, 'Asia/Shanghai')
  return (at) => momentOf(at, zone)
}
