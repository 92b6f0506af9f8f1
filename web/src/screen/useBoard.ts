import { computed, onScopeDispose, ref, watch, type Ref } from 'vue'
import type { Area, Board, BoardWindow, Call, FieldLoad, Lang, Notice, Screen } from '../lib/wire'

const flashMS = 3200

/** What the panels of a screen show. */
export interface Show {
  board: Board
  screen: Screen
  langs: Lang[] // the first stands always, the second takes turns
  turn: Lang // of all of them, for what has room for one
  now: number // the hall's clock
  calls: Call[] // newest first, those that are still to be shown
  newest: Call | null
  fields: FieldLoad[]
  windows: BoardWindow[]
  window: BoardWindow | null // of a window screen
  notices: Notice[]
  fresh: Set<number> // calls that have just come
  speaking: Call | null
  areaOf: (window: string) => Area | null
}

/** The board as this screen sees it, and which of its calls are new since we looked. */
export function useBoard(board: Ref<Board | null>, screen: Ref<Screen | null>) {
  const fresh = ref<Set<number>>(new Set())
  const timers = new Set<number>()
  let seen = -1

  const shows = (field: string) => !screen.value?.fields?.length || screen.value.fields.includes(field)
  const mine = (call: Call) => (screen.value?.kind === 'window' ? call.window === screen.value.window : shows(call.field))
  // Called and served ones, and those of a moment ago; who did not come, or waits again, is no longer shown.
  const calls = computed(() => (board.value?.calls ?? []).filter((call) => mine(call) && ['called', 'serving', 'done'].includes(call.state)))
  // Who has gone stands in the list: the largest place is for somebody who is to come, or is there.
  const newest = computed<Call | null>(() => calls.value.find((call) => call.state !== 'done') ?? null)
  const fields = computed(() => (board.value?.fields ?? []).filter((field) => shows(field.id)))
  const windows = computed(() => (board.value?.windows ?? []).filter((window) => screen.value?.kind !== 'area' || (window.fields ?? []).some(shows)))
  const window = computed(() => board.value?.windows?.find((other) => other.id === screen.value?.window) ?? null)

  function flash(seq: number): void {
    fresh.value = new Set([...fresh.value, seq])
    const timer = globalThis.setTimeout(() => {
      timers.delete(timer)
      fresh.value = new Set([...fresh.value].filter((other) => other !== seq))
    }, flashMS) as unknown as number
    timers.add(timer)
  }

  // The first board after opening is old news; a higher number later is a call to announce. A hall restored from a
  // backup begins below.
  watch(calls, (list) => {
    const top = list.reduce((most, call) => Math.max(most, call.seq), 0)
    if ((board.value?.seq ?? 0) < seen) seen = 0
    if (seen >= 0) list.filter((call) => call.seq > seen).forEach((call) => flash(call.seq))
    if (board.value) seen = Math.max(seen, top)
  })
  onScopeDispose(() => timers.forEach((timer) => clearTimeout(timer)))

  const areaOf = (id: string) => board.value?.areas?.find((area) => area.windows.includes(id)) ?? null
  return { calls, newest, fields, windows, window, fresh, areaOf }
}
