import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { ask } from '../lib/api'
import { backoffMS, sleep } from '../lib/backoff'
import type { Brief, CaseFile, Outcome, Purpose } from '../lib/cases'
import type { OutcomeCode, Ticket } from '../lib/wire'
import type { Decided, Detail } from './outcomes'

/** The matters of the ticket in hand: what is known of each, and how the clerk has it end so far. */
export function useService(ticket: () => Ticket | null) {
  const decided = reactive<Record<string, Decided>>({})
  const extra = reactive<Record<string, Detail>>({}) // by matter: what may be said before or after the outcome
  const marked = ref('')
  const last = ref('') // decided last: what is asked further is asked of it
  const brief = shallowRef<Brief | null>(null)
  const open = computed(() => ticket()?.remaining ?? ticket()?.matters ?? [])
  const undecided = computed(() => open.value.filter((matter) => !decided[matter]))
  const known = (matter: string) => brief.value?.matters?.find((other) => other.matter === matter) ?? null
  const about = computed(() => known(marked.value))
  const offered = computed(() => about.value?.endings.map((ending) => ending.outcome) ?? [])

  /** What the person came for: as the clerk says, else as the server lets it follow from the outcome. */
  function purposeOf(matter: string): Purpose | undefined {
    const outcome = decided[matter]?.outcome
    return extra[matter]?.purpose ?? (outcome ? known(matter)?.endings.find((ending) => ending.outcome === outcome)?.purpose : known(matter)?.purpose)
  }

  /** Ends the marked matter and marks the next one that has no outcome. */
  function decide(outcome: OutcomeCode, detail: Detail = {}): void {
    const matter = marked.value
    decided[matter] = { ...detail, outcome }
    last.value = matter
    marked.value = undecided.value[0] ?? matter
  }

  function add(detail: Detail, matter = last.value || marked.value): void {
    extra[matter] = { ...extra[matter], ...detail }
  }

  /** The case whose number the clerk scanned or typed: its matter is marked. False when the ticket is not about it. */
  function tie(file: CaseFile): boolean {
    const { matter } = file.case
    const id = ticket()?.id
    if (!id || !open.value.includes(matter)) return false
    marked.value = matter
    last.value = ''
    add({ case: file.case.case }, matter)
    void read(id, file.case.case)
    return true
  }

  function mark(step: number): void {
    const i = open.value.indexOf(marked.value) + step
    marked.value = open.value[Math.min(Math.max(i, 0), open.value.length - 1)] ?? ''
    last.value = ''
  }

  function outcomes(): Outcome[] {
    return open.value.flatMap((matter) => (decided[matter] ? [{ matter, ...extra[matter], ...decided[matter] }] : []))
  }

  async function read(id: string, named = '', tries = 0): Promise<void> {
    try {
      const found = await ask<Brief>('GET', `/api/v1/tickets/${encodeURIComponent(id)}/brief${named ? `?case=${encodeURIComponent(named)}` : ''}`)
      if (ticket()?.id === id) brief.value = found
    } catch {
      await sleep(backoffMS(tries))
      if (ticket()?.id === id) await read(id, named, tries + 1)
    }
  }

  function again(): void {
    const id = ticket()?.id
    if (id) void read(id)
  }

  function begin(): void {
    for (const all of [decided, extra]) Object.keys(all).forEach((matter) => delete all[matter])
    brief.value = null
    marked.value = open.value[0] ?? ''
    last.value = ''
    again()
  }

  watch(() => ticket()?.id, begin, { immediate: true })
  watch(open, () => open.value.includes(marked.value) || (marked.value = undecided.value[0] ?? open.value[0] ?? ''))
  return { decided, extra, marked, last, brief, open, undecided, known, about, offered, purposeOf, decide, add, tie, mark, outcomes, again }
}

export type Service = ReturnType<typeof useService>
