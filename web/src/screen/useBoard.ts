import { computed, onScopeDispose, ref, watch, type ShallowRef } from 'vue'
import type { Board, Call } from '../lib/wire'

const flashMS = 3200

/** What of the board this screen shows: its fields or its window, the newest call, and which calls are new since we looked. */
export function useBoard(data: ShallowRef<Board | null>) {
  const fresh = ref<Set<number>>(new Set())
  const timers = new Set<number>()
  let seen = -1

  const screen = computed(() => data.value?.screen)
  const shows = (field: string) => !screen.value?.fields?.length || screen.value.fields.includes(field)
  const calls = computed(() => (data.value?.calls ?? []).filter((call) => (screen.value?.kind === 'window' ? call.window === screen.value.window : shows(call.field))))
  const active = computed(() => calls.value.filter((call) => call.state === 'called' || call.state === 'serving'))
  const newest = computed<Call | null>(() => active.value[0] ?? null)
  const recent = computed(() => calls.value.filter((call) => call !== newest.value && call.state !== 'no_show'))
  const fields = computed(() => (data.value?.fields ?? []).filter((field) => shows(field.id)))
  const window = computed(() => data.value?.windows?.find((other) => other.id === screen.value?.window) ?? null)

  function flash(seq: number): void {
    fresh.value = new Set([...fresh.value, seq])
    const timer = globalThis.setTimeout(() => {
      timers.delete(timer)
      fresh.value = new Set([...fresh.value].filter((other) => other !== seq))
    }, flashMS) as unknown as number
    timers.add(timer)
  }

  // The first board after opening is old news; a higher number later is a call to announce.
  watch(calls, (list) => {
    const top = list.reduce((most, call) => Math.max(most, call.seq), 0)
    if (seen >= 0) list.filter((call) => call.seq > seen).forEach((call) => flash(call.seq))
    if (data.value) seen = Math.max(seen, top)
  })
  onScopeDispose(() => timers.forEach((timer) => clearTimeout(timer)))

  return { screen, calls, newest, recent, fields, window, fresh }
}
