import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { act, ApiError, ask, newKey } from '../lib/api'
import type { RatingForm } from '../lib/cases'
import { useLive } from '../lib/live'
import { keep, read } from '../lib/locale'
import type { Board } from '../lib/wire'

export type Step = 'connecting' | 'refused' | 'idle' | 'ask' | 'sending' | 'thanks'

const thanksMS = 6000
const againMS = 20_000 // a phone has no socket: it asks now and then

/**
 * What a tablet at a window (/rating/3), or the phone of who holds a ticket (/rating/t/CODE), shows. The tablet asks anew
 * whenever something happens at its window.
 */
export function useRating() {
  const parts = location.pathname.split('/').slice(2).map(decodeURIComponent)
  const phone = parts[0] === 't'
  const place = phone ? (parts[1] ?? '') : (parts[0] ?? '')
  const store = `yitang.rating.${place}`
  const given = new URLSearchParams(location.search).get('token')
  if (given) keep(store, given)
  const token = phone ? '' : (given ?? read(store) ?? '')
  const path = phone ? `/api/v1/track/${encodeURIComponent(place)}/rating` : `/api/v1/windows/${encodeURIComponent(place)}/rating`

  const live = useLive<Board>(() => (!phone && place && token ? `/ws/screens/window-${encodeURIComponent(place)}` : null), () => token)
  const form = shallowRef<RatingForm | null>(null)
  const state = ref<Step>(phone || (place && token) ? 'connecting' : 'refused')
  const away = ref(false)
  const problem = ref('')
  let timer = 0

  async function look(): Promise<void> {
    if (['refused', 'sending', 'thanks'].includes(state.value)) return
    try {
      const found = await ask<RatingForm>('GET', path, { token })
      away.value = false
      if (found?.ticket !== form.value?.ticket || state.value === 'connecting') form.value = found
      state.value = found?.ticket && !found.rated ? 'ask' : phone && found?.rated ? 'thanks' : 'idle'
    } catch (error) {
      if (error instanceof ApiError && [401, 403, 404].includes(error.status)) state.value = 'refused'
      else away.value = true
    }
  }

  async function send(body: { grade: number; reasons?: string[]; text?: string }): Promise<void> {
    state.value = 'sending'
    problem.value = ''
    try {
      await act(path, body, { key: newKey(), token, onUnsure: (on) => (away.value = on) })
      state.value = 'thanks'
      if (!phone) timer = window.setTimeout(rest, thanksMS)
    } catch (error) {
      problem.value = error instanceof ApiError ? error.message : ''
      state.value = 'ask'
    }
  }

  function rest(): void {
    form.value = null
    state.value = 'idle'
    void look()
  }

  const interval = setInterval(look, againMS)
  onScopeDispose(() => {
    clearInterval(interval)
    clearTimeout(timer)
  })
  watch(live.data, look)
  watch(live.link, (link) => {
    if (link === 'refused') state.value = 'refused'
    if (!phone) away.value = link === 'away'
  })
  if (phone) void look()
  const hall = computed(() => live.data.value?.hall ?? null)
  return { phone, place, form, state, away, problem, hall, send }
}
