import { computed, ref } from 'vue'
import { ask, newKey } from '../../lib/api'
import { wordsOf } from '../../lib/errors'
import type { AppointmentList, Catalogue } from '../../lib/wire'
import type { BookingPlan, LayoutState, Places } from '../layout/types'

export const slotMin = 30
const fullDay = 24 * 60

/** The half hours and their capacity as the manager is changing them, and a day's appointments. */
export function useBooking() {
  const state = ref<LayoutState | null>(null)
  const catalogue = ref<Catalogue | null>(null)
  const plan = ref<BookingPlan | null>(null)
  const list = ref<AppointmentList | null>(null)
  const problem = ref('')
  const busy = ref(false)

  async function guard(work: () => Promise<void>): Promise<void> {
    busy.value = true
    problem.value = ''
    try {
      await work()
    } catch (error) {
      problem.value = wordsOf(error)
    } finally {
      busy.value = false
    }
  }

  async function read(): Promise<void> {
    state.value = await ask<LayoutState>('GET', '/api/v1/layout')
    reset()
  }

  function reset(): void {
    plan.value = state.value ? (JSON.parse(JSON.stringify(state.value.now.booking)) as BookingPlan) : null
  }

  const load = () =>
    guard(async () => {
      catalogue.value = await ask<Catalogue>('GET', '/api/v1/catalogue')
      await read()
      await show('')
    })

  async function show(day: string): Promise<void> {
    list.value = await ask<AppointmentList>('GET', `/api/v1/appointments${day ? `?day=${day}` : ''}`)
  }

  const look = (day: string) => guard(() => show(day))

  const save = (when: 'now' | 'next_day') =>
    guard(async () => {
      const now = state.value?.now
      const body = { base: now?.version, when, windows: now?.windows, calling: now?.calling, reliefs: null, booking: plan.value }
      await ask('POST', '/api/v1/layout', { body, key: newKey() })
      await read()
    })

  const changed = computed(() => !!state.value && JSON.stringify(plan.value) !== JSON.stringify(state.value.now.booking))

  /** The minutes at which half hours begin, by the hall's hours. */
  const slots = computed(() => {
    const hours = catalogue.value?.hall.hours
    const open = (from: number) => (hours?.always ? from >= hours.day_turns_min : (hours?.spans ?? []).some((span) => from >= span.from_min && from + slotMin <= span.to_min))
    return Array.from({ length: fullDay / slotMin }, (_, i) => i * slotMin).filter(open)
  })

  return { state, catalogue, plan, list, problem, busy, changed, slots, load, look, save, reset }
}

export function peopleAt(places: Places[] | undefined, field: string, from: number): number | undefined {
  return places?.find((one) => one.field === field && one.from === from)?.people
}

/** Sets or, without people, takes away what stands for a half hour of a field; the order stays that of the day. */
export function setPeople(places: Places[], field: string, from: number, people: number | undefined): Places[] {
  const rest = places.filter((one) => one.field !== field || one.from !== from)
  if (people !== undefined) rest.push({ field, from, people })
  return rest.sort((a, b) => a.from - b.from || a.field.localeCompare(b.field))
}

export function clockAt(minute: number): string {
  return `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`
}
