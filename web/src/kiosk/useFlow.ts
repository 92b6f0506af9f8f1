import { computed, reactive, ref, watch } from 'vue'
import { act, mayHaveHappened, newKey } from '../lib/api'
import { wordsOf } from '../lib/errors'
import { allLangs, currentLang, useLang, wantedLang } from '../lib/locale'
import type { Card, Catalogue, Lang, Priority, PrintProgress, Problem, Ticket } from '../lib/wire'
import { useLocal } from './useLocal'

export type Step = 'welcome' | 'who' | 'field' | 'matter' | 'confirm' | 'priority' | 'ticket'

/** The steps a person counts; priority is a side step of confirm. */
export const counted: Step[] = ['who', 'field', 'matter', 'confirm']

const giveUpAfterMS = 45_000

interface Choice {
  card: Card | null
  cardThere: boolean
  problem: Problem | null
  field: string | null // null: search in all
  matters: string[]
  priority: Priority
}

const fresh = (): Choice => ({ card: null, cardThere: false, problem: null, field: null, matters: [], priority: 'ordinary' })

/** What one person at the kiosk has chosen so far, and the way back. */
export function useFlow() {
  const step = ref<Step>('welcome')
  const past = ref<Step[]>([])
  const choice = reactive<Choice>(fresh())
  const ticket = ref<Ticket | null>(null)
  const print = ref<PrintProgress | null>(null)
  const busy = ref(false)
  const unsure = ref(false)
  const problem = ref('')
  const heardPrints = new Map<string, PrintProgress>()
  let key = '' // of the ticket that is asked for, kept while it is unknown what became of it

  const local = useLocal({
    card: placed,
    cardRemoved: () => (choice.cardThere = false),
    cardProblem: (what) => {
      choice.problem = what
      if (step.value === 'welcome') go('who')
    },
    print: (progress) => {
      if (ticket.value?.id === progress.ticket) print.value = progress
      else heardPrints.set(progress.ticket, progress)
    },
  })

  function placed(card: Card): void {
    if (step.value === 'ticket') return
    Object.assign(choice, { card, cardThere: true, problem: null })
    if (step.value === 'welcome') go('who')
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
    Object.assign(choice, fresh())
    past.value = []
    ticket.value = null
    print.value = null
    problem.value = ''
    heardPrints.clear()
    step.value = 'welcome'
    document.documentElement.dataset.theme = 'light' // the next person starts with the usual view
    void useLang(wantedLang(allLangs))
    void local.readCatalogue()
  }

  async function start(lang: Lang): Promise<void> {
    await useLang(lang)
    go('who')
  }

  function without(): void {
    choice.card = null
    choice.problem = null
    go('field')
  }

  function openField(field: string | null): void {
    choice.field = field
    go('matter')
  }

  function addMatter(code: string): void {
    if (!choice.matters.includes(code)) choice.matters.push(code)
    go('confirm')
  }

  /** Back to the fields for one more matter; the way back leads to the confirmation. */
  function more(): void {
    go('field')
  }

  function removeMatter(code: string): void {
    choice.matters = choice.matters.filter((other) => other !== code)
    if (choice.matters.length === 0) {
      past.value = past.value.slice(0, past.value.indexOf('field'))
      step.value = 'field'
    }
  }

  function setPriority(priority: Priority): void {
    choice.priority = priority
    back()
  }

  async function take(): Promise<void> {
    if (busy.value) return
    busy.value = true
    problem.value = ''
    const person = choice.card ? { kind: 'card', ref: choice.card.ref } : { kind: 'none' }
    const body = { matters: choice.matters, person, priority: choice.priority, language: currentLang() }
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

  // Another choice is another request.
  watch(() => [choice.card?.ref, choice.priority, ...choice.matters].join(), () => (key = ''))

  // A new list may lack what was chosen from the old one.
  watch(local.catalogue, (list: Catalogue | null) => {
    const known = new Set(list?.matters.map((matter) => matter.code))
    choice.matters = choice.matters.filter((code) => known.has(code))
  })

  const stepNumber = computed(() => counted.indexOf(step.value === 'priority' ? 'confirm' : step.value) + 1)

  return {
    ...local, step, stepNumber, choice, ticket, print, busy, unsure, problem,
    go, back, restart, start, without, openField, addMatter, more, removeMatter, setPriority, take, reprint,
  }
}

export type Flow = ReturnType<typeof useFlow>
