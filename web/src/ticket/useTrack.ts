import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { ApiError, ask } from '../lib/api'
import { backoffMS } from '../lib/backoff'
import { useNow } from '../lib/clock'
import type { Track } from '../lib/wire'

const everyMS = 5000

/** Asks how a ticket stands every 5 s, more rarely while nobody answers, and at once when the phone is looked at again. */
export function useTrack(code: string) {
  const track = shallowRef<Track | null>(null)
  const missing = ref(false)
  const away = ref(false)
  const answeredAt = ref(Date.now())
  const now = useNow()
  let timer = 0
  let tries = 0
  let asking = false

  async function look(): Promise<void> {
    clearTimeout(timer)
    if (asking) return
    asking = true
    try {
      track.value = await ask<Track>('GET', `/api/v1/track/${encodeURIComponent(code)}`)
      answered()
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) missing.value = true
      else away.value = ++tries > 1
    } finally {
      asking = false
      timer = window.setTimeout(look, tries ? everyMS + backoffMS(tries) : everyMS)
    }
  }

  function answered(): void {
    tries = 0
    away.value = false
    missing.value = false
    answeredAt.value = Date.now()
  }

  const seen = () => document.visibilityState === 'visible' && void look()
  document.addEventListener('visibilitychange', seen)
  void look()
  onScopeDispose(() => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  })
  const ageS = computed(() => Math.max(0, Math.round((now.value - answeredAt.value) / 1000)))
  return { track, missing, away, ageS, look }
}
