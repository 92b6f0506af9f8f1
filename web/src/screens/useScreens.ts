import { onScopeDispose, ref } from 'vue'
import { ApiError, act, ask, newKey } from '../lib/api'
import { wordsOf } from '../lib/errors'
import type { Area, ScreenList, ScreenPlan, Text, VoicePlan } from '../lib/wire'

const everyMS = 3000

/** The screens as the hall sees them, asked for again and again, and what the manager may do with them. */
export function useScreens(onLost: () => void) {
  const list = ref<ScreenList | null>(null)
  const problem = ref('')
  const done = ref('')

  async function look(): Promise<void> {
    try {
      list.value = await ask<ScreenList>('GET', '/api/v1/screens')
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) onLost()
    }
  }

  /** Does something, says how it went, and looks again; true when it was done. */
  async function attempt(work: () => Promise<unknown>, word: string): Promise<boolean> {
    problem.value = done.value = ''
    try {
      await work()
      done.value = word
      await look()
      return true
    } catch (error) {
      problem.value = wordsOf(error)
      return false
    }
  }

  const at = (id: string) => `/api/v1/screens/${encodeURIComponent(id)}`
  const acts = {
    save: (plan: ScreenPlan, word: string) => attempt(() => ask('PUT', at(plan.id), { body: plan }), word),
    remove: (id: string, word: string) => attempt(() => ask('DELETE', at(id)), word),
    identify: (id: string, word: string) => attempt(() => ask('PUT', `${at(id)}/identify`), word),
    voice: (plan: VoicePlan, word: string) => attempt(() => ask('PUT', '/api/v1/voice', { body: plan }), word),
    areas: (areas: Area[], word: string) => attempt(() => ask('PUT', '/api/v1/areas', { body: { areas } }), word),
    notice: (text: Text, screens: string[], minutes: number, word: string) =>
      attempt(() => act('/api/v1/notices', { text, minutes, ...(screens.length ? { screens } : {}) }, { key: newKey(), giveUpAfterMS: 15_000 }), word),
    drop: (id: string, word: string) => attempt(() => ask('DELETE', `/api/v1/notices/${id}`), word),
  }

  void look()
  const timer = setInterval(() => void look(), everyMS)
  onScopeDispose(() => clearInterval(timer))
  return { list, problem, done, acts }
}
