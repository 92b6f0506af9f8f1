import { computed, reactive, ref, shallowRef } from 'vue'
import { companyFits, idFits } from '../kiosk/number'
import { act, ApiError, ask, mayHaveHappened, newKey } from '../lib/api'
import { wordsOf } from '../lib/errors'
import { currentLang } from '../lib/locale'
import type { Appointment, BookingDays, BookingOffer, Matter, OtherHall } from '../lib/wire'

export type Step = 'matter' | 'day' | 'time' | 'who' | 'check'
export type View = 'loading' | 'off' | 'steps' | 'mine' | 'find' | 'lost'

const giveUpAfterMS = 30_000
const steps: Step[] = ['matter', 'day', 'time', 'who', 'check']

// ?hall=… is another hall of the city: it is asked through this one, by the same questions.
const asked = new URLSearchParams(location.search)
const elsewhere = asked.get('hall') ?? ''
const base = elsewhere ? `/api/v1/halls/${encodeURIComponent(elsewhere)}` : '/api/v1'
const api = `${base}/appointments`
const othersOf = (matter: string) => `/api/v1/halls${matter ? `?matter=${encodeURIComponent(matter)}` : ''}`

/** What somebody who books has chosen so far: one question after the other, each with a way back. */
export function useBook() {
  const view = ref<View>('loading')
  const step = ref<Step>('matter')
  const offer = shallowRef<BookingOffer | null>(null)
  const days = shallowRef<BookingDays | null>(null)
  const mine = shallowRef<Appointment | null>(null)
  const others = shallowRef<OtherHall[]>([])
  const choice = reactive({ matter: '', day: '', from: '', kind: 'id' as 'id' | 'company', number: '' })
  const moving = ref(false)
  const busy = ref(false)
  const problem = ref('')
  let key = ''

  const matter = computed<Matter | undefined>(() => offer.value?.matters.find((one) => one.code === choice.matter))
  const slots = computed(() => days.value?.days.find((one) => one.day === choice.day)?.slots ?? [])
  const track = () => mine.value?.url.split('/').pop() ?? ''

  async function guard(work: () => Promise<void>): Promise<void> {
    if (busy.value) return
    busy.value = true
    problem.value = ''
    try {
      await work()
    } catch (error) {
      if (!mayHaveHappened(error)) key = ''
      problem.value = wordsOf(error)
    } finally {
      busy.value = false
    }
  }

  const readOffer = async () => void (offer.value = await ask<BookingOffer>('GET', `${base}/booking`))
  const readDays = async (matters: string[]) =>
    void (days.value = await ask<BookingDays>('GET', `${base}/booking/slots?matters=${matters.map(encodeURIComponent).join()}`))

  /** The page as its address says: an appointment, or the first question. */
  async function open(): Promise<void> {
    const code = location.pathname.split('/')[2] ?? ''
    await guard(async () => {
      await readOffer()
      if (code) return show(code)
      view.value = offer.value?.on ? 'steps' : 'off'
    })
    if (view.value === 'loading') view.value = 'lost'
    void readOthers()
    const wanted = asked.get('matter') ?? ''
    if (view.value === 'steps' && offer.value?.matters.some((one) => one.code === wanted)) await pickMatter(wanted)
  }

  /** Where else one could go: nowhere without a city, and with the line to it down. */
  async function readOthers(matter = ''): Promise<void> {
    others.value = (await ask<{ halls: OtherHall[] }>('GET', othersOf(matter)).catch(() => null))?.halls ?? []
  }

  /** This page for another hall, or with '' for the own one; what was chosen goes along. */
  function pageAt(hall: string): string {
    const to = new URLSearchParams({ ...(hall && { hall }), ...(choice.matter && { matter: choice.matter }), lang: currentLang() })
    return `/appointment?${to}`
  }

  async function show(code: string): Promise<void> {
    try {
      mine.value = await ask<Appointment>('GET', `${api}/${encodeURIComponent(code)}`)
      view.value = 'mine'
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error
      view.value = 'lost'
    }
  }

  function arrived(one: Appointment | null | undefined): void {
    if (!one) return
    mine.value = one
    moving.value = false
    Object.assign(choice, { day: '', from: '', number: '' })
    history.replaceState(null, '', one.url + location.search)
    view.value = 'mine'
  }

  const pickMatter = (code: string) =>
    guard(async () => {
      choice.matter = code
      await readDays([code])
      step.value = 'day'
      void readOthers(code)
    })

  function pickDay(day: string): void {
    choice.day = day
    step.value = 'time'
  }

  function pickTime(from: string): void {
    choice.from = from
    if (moving.value) void move()
    else step.value = choice.number ? 'check' : 'who'
  }

  /** Goes on to the last look when the number can be one; else says so. */
  function pickPerson(): boolean {
    const fits = choice.kind === 'id' ? idFits : companyFits
    if (!fits(choice.number.trim())) return false
    step.value = 'check'
    return true
  }

  const book = () =>
    guard(async () => {
      const body = { matters: [choice.matter], day: choice.day, from: choice.from, person: { kind: choice.kind, number: choice.number.trim() }, language: currentLang() }
      try {
        arrived(await act<Appointment>(api, body, { key: key || (key = newKey()), giveUpAfterMS }))
        key = ''
      } catch (error) {
        await readDays([choice.matter]).catch(() => undefined) // what was free may be gone
        throw error
      }
    })

  const move = () =>
    guard(async () => arrived(await act<Appointment>(`${api}/${track()}/move`, { day: choice.day, from: choice.from }, { key: newKey(), giveUpAfterMS })))
  const cancel = () => guard(async () => arrived(await act<Appointment>(`${api}/${track()}/cancel`, {}, { key: newKey(), giveUpAfterMS })))
  const find = (code: string) =>
    guard(async () => arrived(await ask<Appointment>('POST', `${api}/find`, { body: { code, person: { kind: choice.kind, number: choice.number.trim() } } })))

  const startMove = () =>
    guard(async () => {
      await readDays(mine.value?.matters ?? [])
      moving.value = true
      step.value = 'day'
      view.value = 'steps'
    })

  function back(): void {
    problem.value = ''
    const at = steps.indexOf(step.value)
    if (moving.value && step.value === 'day') {
      moving.value = false
      view.value = 'mine'
    } else if (at > 0) step.value = steps[at - 1] as Step
  }

  function again(): void {
    if (!offer.value) return location.reload() // the hall could not be asked
    Object.assign(choice, { matter: '', day: '', from: '', number: '' })
    problem.value = ''
    step.value = 'matter'
    view.value = offer.value?.on ? 'steps' : 'off'
    history.replaceState(null, '', `/appointment${location.search}`)
  }

  return {
    view, step, offer, days, slots, mine, choice, matter, moving, busy, problem, others, elsewhere,
    open, pageAt, pickMatter, pickDay, pickTime, pickPerson, book, cancel, find, startMove, back, again,
  }
}

export type Booking = ReturnType<typeof useBook>
