import { ref, type Ref } from 'vue'
import { act, ApiError, newKey } from './api'
import type { PaperLink } from './cases'
import { wordsOf } from './errors'
import { dropErrand, errandsOf, keepErrand, type Errand } from './outbox'

// An act without an answer is sent again by itself for so long; after that the person is asked, since the hall has gone on.
const sureForMS = 10 * 60_000

export interface Sender {
  user: () => string
  onLost: () => void // the session has ended
  onPapers: (papers: PaperLink[]) => void // that an act made
}

export interface Letter {
  what: string // the act's name in the messages
  path: string
  body: unknown
  about?: string // a number that people know
  secret?: boolean // the body has a person's number, which this browser must not keep
}

/** Sends one act at a time until it has an answer: confirmed, refused, or shown as unsure for as long as nobody knows. */
export function useSender<A extends { papers?: PaperLink[] | null }>({ user, onLost, onPapers }: Sender) {
  const busy = ref(false)
  const unsure = ref(false)
  const problem = ref('')
  const doubtful: Ref<Errand | null> = ref(null)
  const confirmed: Ref<Errand | null> = ref(null)

  /** The answer, null for an empty one; undefined when the act was refused or another one is on its way. */
  async function send(letter: Letter): Promise<A | null | undefined> {
    if (busy.value) return undefined
    const errand = { key: newKey(), path: letter.path, body: letter.body, what: letter.what, number: letter.about ?? '', user: user(), at: Date.now() }
    if (!letter.secret) keepErrand(errand)
    return deliver(errand)
  }

  // The act is forgotten only with its answer: not when the session has ended, nor with the page.
  async function deliver(errand: Errand): Promise<A | null | undefined> {
    busy.value = true
    problem.value = ''
    try {
      const answer = await act<A>(errand.path, errand.body, { key: errand.key, onUnsure: (on) => (unsure.value = on) })
      dropErrand(errand.key)
      onPapers(answer?.papers ?? [])
      return answer
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return void onLost()
      dropErrand(errand.key)
      problem.value = wordsOf(error)
      return undefined
    } finally {
      busy.value = false
    }
  }

  /** What the page before this one sent without an answer: asked for again with the same key, or shown when it is old. */
  async function takeUp(): Promise<void> {
    for (const errand of errandsOf(user())) {
      if (Date.now() - errand.at > sureForMS) doubtful.value = errand
      else await confirm(errand)
    }
  }

  async function confirm(errand: Errand): Promise<void> {
    doubtful.value = null
    if ((await deliver(errand)) !== undefined) confirmed.value = errand
  }

  function forget(errand: Errand): void {
    dropErrand(errand.key)
    doubtful.value = null
  }

  void takeUp()
  return { busy, unsure, problem, doubtful, confirmed, send, confirm, forget }
}
