import { computed, reactive, ref, watch } from 'vue'
import { act, ApiError, ask, mayHaveHappened, newKey } from '../lib/api'
import { wordsOf } from '../lib/errors'
import { allLangs, currentLang, useLang, wantedLang } from '../lib/locale'
import type { Appointment, Card, Catalogue, Lang, OpenCase, PersonOpen, Priority, PrintProgress, Problem, Ticket } from '../lib/wire'
import { mask } from './number'
import { usualView } from './useView'
import { useLocal } from './useLocal'

export type Step = 'welcome' | 'who' | 'number' | 'what' | 'matter' | 'papers' | 'priority' | 'code' | 'visit' | 'ticket'

/** The steps a person counts; number, priority, code and visit are side steps. */
export const counted: Step[] = ['who', 'what', 'matter', 'papers']
const asStep: Partial<Record<Step, Step>> = { number: 'who', priority: 'papers', code: 'what', visit: 'what' }

const giveUpAfterMS = 45_000

export type Who = { kind: 'none' } | { kind: 'card'; card: Card } | { kind: 'id' | 'company'; number: string; mask: string }

interface Choice {
  who: Who
  typing: 'id' | 'company'
  cardThere: boolean
  problem: Problem | null
  field: string | null // null: search in all
  matters: string[]
  missing: string[] // materials that the person does not have
  cases: OpenCase[] // that the person goes on with
  collect: boolean
  priority: Priority
  appointment: Appointment | null // that is checked in
}

const nobody: Who = { kind: 'none' }
const fresh = (): Choice => ({
  who: nobody, typing: 'id', cardThere: false, problem: null, field: null, matters: [], missing: [], cases: [], collect: false, priority: 'ordinary', appointment: null,
})

/** What one person at the kiosk has chosen so far, and the way back. */
export function useFlow() {
  const step = ref<Step>('welcome')
  const past = ref<Step[]>([])
  const choice = reactive<Choice>(fresh())
  const open = ref<PersonOpen | null>(null)
  const ticket = ref<Ticket | null>(null)
  const print = ref<PrintProgress | null>(null)
  const listPrint = ref<PrintProgress | null>(null)
  const busy = ref(false)
  const unsure = ref(false)
  const problem = ref('')
  const heardPrints = new Map<string, PrintProgress>()
  let key = '' // of the ticket that is asked for, kept while it is unknown what became of it
  let visit = 0 // of the person: an answer that comes after the next one has begun is nobody's
  let asked = 0 // about a person: the same for what they have open

  const local = useLocal({
    card: placed,
    cardRemoved: () => (choice.cardThere = false),
    cardProblem: (what) => {
      choice.problem = what
      if (step.value === 'welcome') go('who')
    },
    print: (progress) => {
      heardPrints.set(progress.ticket, progress)
      if (ticket.value?.id === progress.ticket) print.value = progress
      if (listPrint.value?.ticket === progress.ticket) listPrint.value = progress
    },
  })

  function placed(card: Card): void {
    if (step.value === 'ticket' || busy.value) return
    Object.assign(choice, { cardThere: true, problem: null })
    known({ kind: 'card', card })
  }

  /** Goes on with who it is; what they have open is asked meanwhile and appears when it comes. */
  function known(who: Who): void {
    choice.who = who
    Object.assign(choice, { cases: [], collect: false, appointment: null })
    if (['welcome', 'who', 'number'].includes(step.value)) go('what')
    open.value = null
    const mine = ++asked
    void ask<PersonOpen>('POST', '/local/person', { body: { person: personOf(who), language: currentLang() } })
      .then((found) => mine === asked && (open.value = found))
      .catch((error) => {
        if (mine === asked && error instanceof ApiError && error.code.startsWith('number_')) numberRefused(error)
      })
  }

  function numberRefused(error: ApiError): void {
    choice.who = nobody
    problem.value = error.message
    step.value = 'number'
  }

  function go(to: Step): void {
    problem.value = ''
    past.value.push(step.value)
    step.value = to
  }

  function back(): void {
    problem.value = ''
    step.value = past.value.pop() ?? 'welcome'
    if (step.value === 'welcome') restart()
  }

  function restart(): void {
    visit++
    asked++
    Object.assign(choice, fresh())
    past.value = []
    open.value = null
    ticket.value = null
    print.value = null
    listPrint.value = null
    problem.value = ''
    key = ''
    heardPrints.clear()
    step.value = 'welcome'
    usualView() // the next person starts with the usual view
    void useLang(wantedLang(allLangs))
    void local.readCatalogue()
  }

  async function start(lang: Lang): Promise<void> {
    await useLang(lang)
    go('who')
  }

  function without(): void {
    Object.assign(choice, { who: nobody, problem: null })
    asked++
    open.value = null
    go('what')
  }

  function type(kind: 'id' | 'company'): void {
    choice.typing = kind
    go('number')
  }

  function typed(kind: 'id' | 'company', number: string): void {
    known({ kind, number, mask: mask(number) })
  }

  function openField(field: string | null): void {
    choice.field = field
    go('matter')
  }

  function addMatter(code: string): void {
    if (!choice.matters.includes(code)) choice.matters.push(code)
    choice.collect = false
    go('papers')
  }

  /** Goes on with an application that the person has here, or collects its result. */
  function goOn(one: OpenCase): void {
    Object.assign(choice, { matters: [one.matter], cases: [one], collect: one.ready, missing: [] })
    go('papers')
  }

  /** Goes on with an appointment; one that can not be checked in now is shown first, with the reason. */
  function keep(one: Appointment): void {
    if (step.value !== 'visit' && !['open', 'late'].includes(one.check_in)) {
      choice.appointment = one
      return go('visit')
    }
    Object.assign(choice, { appointment: one, matters: [...one.matters], cases: [], collect: false, missing: [] })
    go('papers')
  }

  /** Looks up what stands behind a code that was typed or scanned. */
  async function lookUp(code: string): Promise<void> {
    if (busy.value) return
    busy.value = true
    problem.value = ''
    const mine = visit
    try {
      const found = await ask<Appointment>('POST', '/local/appointment', { body: { code, language: currentLang() } })
      if (mine !== visit || !found) return
      choice.appointment = found
      go('visit')
    } catch (error) {
      if (mine !== visit) return
      if (step.value !== 'code') go('code')
      problem.value = wordsOf(error)
    } finally {
      busy.value = false
    }
  }

  /** The appointment is left as it is. */
  function another(): void {
    choice.appointment = null
    go('what')
  }

  function removeMatter(code: string): void {
    choice.matters = choice.matters.filter((other) => other !== code)
    if (choice.appointment?.matters.includes(code)) choice.appointment = null
    choice.cases = choice.cases.filter((one) => one.matter !== code)
    if (choice.matters.length === 0) {
      past.value = past.value.slice(0, past.value.indexOf('what'))
      step.value = 'what'
    }
  }

  function toggleMissing(item: string): void {
    choice.missing = choice.missing.includes(item) ? choice.missing.filter((other) => other !== item) : [...choice.missing, item]
  }

  function setPriority(priority: Priority): void {
    choice.priority = priority
    back()
  }

  /** What the person said of the materials of each matter: those that are missing. */
  function papers(): Record<string, string[]> {
    if (choice.collect) return {}
    return Object.fromEntries(choice.matters.map((code) => [code, choice.missing.filter((item) => item.startsWith(`${code}/`)).map((item) => item.slice(code.length + 1))]))
  }

  async function take(): Promise<void> {
    if (busy.value) return
    busy.value = true
    problem.value = ''
    const body = {
      matters: choice.matters, person: personOf(choice.who), priority: choice.priority, language: currentLang(),
      cases: choice.cases.map((one) => one.case), collect: choice.collect, papers: papers(), appointment: choice.appointment?.code,
    }
    try {
      const answer = await act<{ ticket: Ticket }>('/local/tickets', body, { key: key || (key = newKey()), giveUpAfterMS, onUnsure: (on) => (unsure.value = on) })
      key = ''
      if (answer) arrive(answer.ticket)
    } catch (error) {
      if (!mayHaveHappened(error)) key = ''
      problem.value = wordsOf(error)
    } finally {
      busy.value = false
    }
  }

  function arrive(taken: Ticket): void {
    go('ticket')
    ticket.value = taken
    print.value = heardPrints.get(taken.id) ?? { ticket: taken.id, state: 'printing' }
  }

  async function reprint(): Promise<void> {
    const id = ticket.value?.id
    if (!id || busy.value) return
    busy.value = true
    print.value = { ticket: id, state: 'printing' }
    try {
      await act(`/local/tickets/${encodeURIComponent(id)}/reprint`, {}, { key: newKey(), giveUpAfterMS })
    } catch (error) {
      print.value = { ticket: id, state: 'failed', note: wordsOf(error) }
    } finally {
      busy.value = false
    }
  }

  async function printList(): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      const queued = await ask<{ ticket: string }>('POST', '/local/checklist', { body: { matters: choice.matters, language: currentLang() } })
      if (queued) listPrint.value = heardPrints.get(queued.ticket) ?? { ticket: queued.ticket, state: 'printing' }
    } catch (error) {
      listPrint.value = { ticket: '', state: 'failed', note: wordsOf(error) }
    } finally {
      busy.value = false
    }
  }

  // Another choice is another request.
  watch(() => [choice.who.kind, choice.priority, choice.collect, ...choice.matters, ...choice.missing, ...choice.cases.map((one) => one.case), choice.appointment?.id].join(), () => (key = ''))
  watch(() => choice.who, () => (key = ''))

  // A new list may lack what was chosen from the old one.
  watch(local.catalogue, (list: Catalogue | null) => {
    const there = new Set(list?.matters.map((matter) => matter.code))
    choice.matters = choice.matters.filter((code) => there.has(code))
  })

  const stepNumber = computed(() => counted.indexOf(asStep[step.value] ?? step.value) + 1)

  return {
    ...local, step, stepNumber, choice, open, ticket, print, listPrint, busy, unsure, problem,
    go, back, restart, start, without, type, typed, openField, addMatter, goOn, keep, lookUp, another, removeMatter, toggleMissing, setPriority, take, reprint, printList,
  }
}

function personOf(who: Who): { kind: string; ref?: string; number?: string } {
  if (who.kind === 'card') return { kind: 'card', ref: who.card.ref }
  if (who.kind === 'none') return { kind: 'none' }
  return { kind: who.kind, number: who.number }
}

export type Flow = ReturnType<typeof useFlow>
