import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { ApiError, ask } from './api'
import type { Case, CaseAct, CaseFile, CaseList, CaseResponse } from './cases'
import { wordsOf } from './errors'
import { usePapers } from './papers'
import { useSender } from './sender'
import type { Catalogue } from './wire'

const againMS = 10_000

export interface CaseDesk {
  user: () => string
  query: () => string // of the list, without the question mark
  onLost: () => void
}

/** A list of cases that is asked for again and again, one of them opened, and the acts on it. */
export function useCases({ user, query, onLost }: CaseDesk) {
  const papers = usePapers()
  const sender = useSender<CaseResponse>({ user, onLost, onPapers: (links) => void papers.print(links) })
  const cases = shallowRef<Case[] | null>(null)
  const more = ref(false)
  const file = shallowRef<CaseFile | null>(null)
  const link = ref<'connecting' | 'live' | 'away'>('connecting')
  const catalogue = shallowRef<Catalogue | null>(null)
  const zone = computed(() => catalogue.value?.hall.zone ?? 'Asia/Shanghai')
  const did = ref<{ step: string; case: string } | null>(null)
  let lastSign = Date.now()

  async function look(): Promise<void> {
    const asked = query()
    try {
      const list = await ask<CaseList>('GET', `/api/v1/cases?${asked}`)
      if (asked !== query()) return // another list has been asked for since
      cases.value = list?.cases ?? []
      more.value = !!list?.more
      lastSign = Date.now()
      link.value = 'live'
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) onLost()
      else if (!(error instanceof ApiError) || error.status >= 500) link.value = 'away'
      else sender.problem.value = wordsOf(error)
    }
  }

  async function open(number: string): Promise<void> {
    sender.problem.value = ''
    try {
      file.value = await ask<CaseFile>('GET', `/api/v1/cases/${encodeURIComponent(number)}`)
    } catch (error) {
      sender.problem.value = wordsOf(error)
    }
  }

  async function act(step: string, body: CaseAct = {}): Promise<void> {
    const number = file.value?.case.case
    if (!number) return
    did.value = null
    const answer = await sender.send({ what: `case.act.${step}`, path: `/api/v1/cases/${encodeURIComponent(number)}/${step}`, body, about: number })
    if (answer === undefined) return
    did.value = { step, case: number }
    await Promise.all([open(number), look()])
  }

  const timer = setInterval(look, againMS)
  onScopeDispose(() => clearInterval(timer))
  watch(query, look, { immediate: true })
  watch(link, async (now) => {
    if (now === 'live' && !catalogue.value) catalogue.value = await ask<Catalogue>('GET', '/api/v1/catalogue').catch(() => null)
  })
  const ageS = () => (link.value === 'live' ? 0 : Math.round((Date.now() - lastSign) / 1000))
  const opened = computed(() => file.value?.case ?? null)
  return { ...sender, papers, cases, more, file, opened, link, catalogue, zone, did, look, open, act, ageS }
}

export type Cases = ReturnType<typeof useCases>
