import { computed, reactive, ref } from 'vue'
import { ApiError, ask, newKey } from '../../lib/api'
import { actNames, type ActName, type Calling, type LayoutState, type LayoutWindow, type Relief, type Whatif } from './types'

/** The layout as the manager is changing it. The rules stay with the server: this only collects what was clicked. */
export function useDraft() {
  const state = ref<LayoutState | null>(null)
  const windows = ref<LayoutWindow[]>([])
  const calling = reactive<Calling>({ policy: 'ratio', statutory_min: 5, appointment_min: 10, ordinary_min: 20 })
  const reliefs = ref<Relief[]>([])
  const closed = ref<string[]>([])
  const problem = ref('')
  const busy = ref(false)
  const result = ref<Whatif | null>(null)

  async function guard(work: () => Promise<void>): Promise<void> {
    busy.value = true
    problem.value = ''
    try {
      await work()
    } catch (error) {
      problem.value = error instanceof ApiError && error.message ? error.message : 'no_answer'
    } finally {
      busy.value = false
    }
  }

  function reset(): void {
    if (!state.value) return
    windows.value = structuredClone(JSON.parse(JSON.stringify(state.value.now.windows))) as LayoutWindow[]
    Object.assign(calling, state.value.now.calling)
    calling.pure = state.value.now.calling.pure ?? false
    reliefs.value = state.value.now.reliefs.map((relief) => ({ ...relief }))
    closed.value = []
    result.value = null
  }

  const load = () =>
    guard(async () => {
      state.value = await ask<LayoutState>('GET', '/api/v1/layout')
      reset()
    })

  const changes = computed(() => {
    const now = state.value?.now
    if (!now) return 0
    const other = windows.value.filter((window, i) => text(window) !== text(now.windows[i])).length
    return other + (settings(calling) === settings(now.calling) ? 0 : 1) + (rules(reliefs.value) === rules(now.reliefs) ? 0 : 1)
  })

  const save = (when: 'now' | 'next_day') =>
    guard(async () => {
      const body = { base: state.value?.now.version, when, windows: windows.value, calling, reliefs: reliefs.value }
      await ask('POST', '/api/v1/layout', { body, key: newKey() })
      state.value = await ask<LayoutState>('GET', '/api/v1/layout')
      reset()
    })

  const withdraw = () =>
    guard(async () => {
      await ask('DELETE', '/api/v1/layout/planned')
      state.value = await ask<LayoutState>('GET', '/api/v1/layout')
    })

  const tryOut = (dates: string[]) =>
    guard(async () => {
      const body = { dates, windows: windows.value, calling, closed: closed.value }
      result.value = await ask<Whatif>('POST', '/api/v1/whatif', { body })
    })

  return { state, windows, calling, reliefs, closed, problem, busy, result, changes, load, reset, save, withdraw, tryOut }
}

function text(window: LayoutWindow | undefined): string {
  if (!window) return ''
  const acts = window.fields.map((field) => [...actsOf(window, field)].sort().join('+'))
  return JSON.stringify([window.kind, window.fields, acts])
}

function rules(list: Relief[]): string {
  return JSON.stringify(list.map((r) => [r.field, r.waiting, r.over_min, r.window]))
}

function settings(c: Calling): string {
  return JSON.stringify([c.policy, c.pure ?? false, c.quota ?? 3, c.statutory_min, c.appointment_min, c.ordinary_min, c.idle_call_s ?? 0, c.alarm_min ?? 30])
}

/** What the window does for a field; nothing where the field is not among its own. */
export function actsOf(window: LayoutWindow, field: string): ActName[] {
  if (!window.fields.includes(field)) return []
  return window.acts?.[field] ?? (window.kind === 'delivery' ? ['deliver'] : actNames)
}

/** Switches one act of a field on or off. The first field that a window gets is its primary one. */
export function toggle(window: LayoutWindow, field: string, act: ActName): void {
  const had = actsOf(window, field)
  const has = had.includes(act) ? had.filter((a) => a !== act) : actNames.filter((a) => a === act || had.includes(a))
  const acts = { ...window.acts }
  delete acts[field]
  if (has.length === 0) {
    window.fields = window.fields.filter((f) => f !== field)
  } else {
    if (!window.fields.includes(field)) window.fields = [...window.fields, field]
    acts[field] = has
  }
  if (Object.keys(acts).length) window.acts = acts
  else delete window.acts
}

export function makePrimary(window: LayoutWindow, field: string): void {
  window.fields = [field, ...window.fields.filter((f) => f !== field)]
}

export function setKind(window: LayoutWindow, kind: string, fields: string[]): void {
  window.kind = kind
  if (kind === 'general') {
    window.fields = [...window.fields, ...fields.filter((f) => !window.fields.includes(f))]
    delete window.acts
  }
}
