import { onScopeDispose, ref, shallowRef } from 'vue'
import { ApiError, act, ask, newKey } from '../lib/api'
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

/** A moment in the browser's own zone, as people write it. */
export function moment(at: string | undefined): string {
  if (!at) return '—'
  const two = (n: number) => String(n).padStart(2, '0')
  const d = new Date(at)
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`
}
