import { computed, ref, watch, type Ref, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { ask } from '../lib/api'
import type { CaseFile } from '../lib/cases'
import { wordsOf } from '../lib/errors'
import { usePapers } from '../lib/papers'
import type { HallState, OutcomeCode, Session, Ticket } from '../lib/wire'
import { actOf, type KeyAct } from './keys'
import { allOutcomes, outcomeKeys, panelOf, type Detail } from './outcomes'
import { useCounter, type Act } from './useCounter'
import { useKeys } from '../lib/useKeys'
import { useService } from './useService'

export type Panel = 'hold' | 'transfer' | 'pause' | 'split' | 'handover' | 'identify' | 'number' | 'subject' | 'purpose' | 'missing' | 'deferred' | 'authority' | 'held' | 'missed' | 'help'

// A key that bounces or a hand that hits twice must not start what it has just called, nor finish what it has just started.
const bounceMS = 350
export const shownAside = 5

export interface At {
  session: () => Session
  live: ShallowRef<HallState | null>
  now: Readonly<Ref<number>>
  onLost: () => void
  onMove: () => void // to another window, where the clerk has none of her own
}

/** The clerk's desk: the window's acts, the matters in hand, the panels, and the keys of all three. */
export function useDesk({ session, live, now, onLost, onMove }: At) {
  const { t } = useI18n()
  const papers = usePapers()
  const counter = useCounter({ id: () => session().window ?? '', user: () => session().user, live, onLost, onPapers: (links) => void papers.print(links) })
  const service = useService(() => counter.inHand.value)
  const { window, inHand, main, busy, notice, problem } = counter
  const panel = ref<Panel | null>(null)
  const hint = ref(false)
  let lastMain = 0

  const held = computed(() => live.value?.held ?? [])
  const missed = computed(() => live.value?.missed ?? [])
  const taken = computed(() => (window.value && window.value.state !== 'closed' && window.value.clerk !== session().user ? (window.value.clerk ?? '') : ''))
  const waitS = (from?: string) => (from ? Math.max(0, Math.ceil((Date.parse(from) - now.value) / 1000)) : 0)
  const recallIn = computed(() => waitS(window.value?.recall_from))
  const noShowIn = computed(() => waitS(window.value?.no_show_from))

  /** What the server lets this clerk do now. */
  function may(act: Act): boolean {
    if (busy.value || taken.value) return false
    if (counter.guessed.value && act === main.value) return true
    if (!window.value?.may?.includes(act)) return false
    return act === 'recall' ? recallIn.value === 0 : act !== 'no-show' || noShowIn.value === 0
  }

  const serving = computed(() => !busy.value && !taken.value && inHand.value?.state === 'serving')
  const ready = computed(() => service.undecided.value.length === 0)
  const mayLeave = computed(() => !busy.value && (!!taken.value || window.value?.state === 'closed'))

  /** Ends the service with an outcome for each matter, or with none at all; some and some would send the rest on. */
  function finish(bare = false): void {
    hint.value = !ready.value && !(bare && service.outcomes().length === 0)
    if (!hint.value) void counter.finish(service.outcomes())
  }

  function doMain(): void {
    const at = performance.now()
    if (panel.value || at - lastMain < bounceMS || !may(main.value)) return
    lastMain = at
    const acts: Partial<Record<Act, () => unknown>> = { next: counter.next, finish: () => finish() }
    void (acts[main.value] ?? (() => counter.simple(main.value)))()
  }

  function decide(outcome: OutcomeCode): void {
    if (!service.offered.value.includes(outcome)) return
    hint.value = false
    const needs = panelOf[outcome]
    if (needs) panel.value = needs
    else service.decide(outcome)
  }

  function detail(outcome: OutcomeCode, more: Detail): void {
    panel.value = null
    service.decide(outcome, more)
  }

  /** How the result shall come; where no mail is offered, there is nothing to choose. */
  function wish(offered: 'yes' | 'no', chosen?: 'mail' | 'collect'): void {
    if (serving.value) service.add({ delivery_offered: offered, delivery_chosen: chosen })
  }

  /** The case whose number was scanned or typed. */
  async function tie(number: string): Promise<void> {
    panel.value = null
    problem.value = ''
    try {
      const file = await ask<CaseFile>('GET', `/api/v1/cases/${encodeURIComponent(number)}`)
      if (file && !service.tie(file)) problem.value = t('desk.otherMatter', { number })
    } catch (error) {
      problem.value = wordsOf(error)
    }
  }

  const show = (which: Panel, when: boolean) => when && (panel.value = which)

  const acts: Record<KeyAct, () => unknown> = {
    main: doMain,
    recall: () => may('recall') && counter.simple('recall'),
    start: () => may('start') && counter.simple('start'),
    finish: () => may('finish') && finish(true),
    hold: () => show('hold', may('hold')),
    transfer: () => show('transfer', may('transfer')),
    noshow: () => may('no-show') && counter.noShow(),
    pause: () => (may('resume') ? counter.simple('resume') : show('pause', may('pause'))),
    close: () => may('close') && counter.simple('close'),
    split: () => show('split', may('split')),
    handover: () => show('handover', may('hand-over')),
    identify: () => show('identify', may('identify')),
    number: () => show('number', serving.value),
    purpose: () => show('purpose', serving.value),
    mail: () => wish('yes', 'mail'),
    fetch: () => wish('yes', 'collect'),
    nomail: () => wish('no'),
    subject: () => show('subject', serving.value),
    move: () => mayLeave.value && onMove(),
    print: () => papers.again(),
    undo: () => !busy.value && notice.value?.undo?.(),
    held: () => show('held', held.value.length > 0),
    missed: () => show('missed', missed.value.length > 0),
    up: () => service.mark(-1),
    down: () => service.mark(1),
    help: () => show('help', true),
    esc: () => (panel.value = null),
  }

  function pressed(stroke: string): boolean {
    if (panel.value === 'held' || panel.value === 'missed') return choose(stroke, panel.value)
    const outcome = serving.value ? allOutcomes.find((code) => outcomeKeys[code] === stroke) : undefined
    if (outcome) decide(outcome)
    const act = outcome ? undefined : actOf(stroke)
    if (act) acts[act]()
    return !!(outcome ?? act)
  }

  /** In a list whose tickets are numbered a digit takes one, Enter the first. */
  function choose(stroke: string, from: 'held' | 'missed'): boolean {
    panel.value = null
    const i = stroke === 'Enter' ? 0 : Number(stroke) - 1
    const ticket: Ticket | undefined = (from === 'held' ? held : missed).value.slice(0, shownAside)[i]
    if (ticket) void (from === 'held' ? counter.resume : counter.reactivate)(ticket)
    return true
  }

  useKeys({ pressed })
  watch(() => inHand.value?.id, () => {
    panel.value = null
    hint.value = false
  })
  watch(problem, () => problem.value && (panel.value = null))

  return { counter, service, papers, panel, hint, held, missed, taken, serving, may, recallIn, noShowIn, ready, mayLeave, acts, decide, detail, tie }
}

export type DeskState = ReturnType<typeof useDesk>
