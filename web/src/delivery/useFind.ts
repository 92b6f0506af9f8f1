import { ref, shallowRef } from 'vue'
import { ApiError, ask } from '../lib/api'
import type { Case, CaseList } from '../lib/cases'
import { wordsOf } from '../lib/errors'
import { kindOf } from '../lib/person'

/** Finds cases by what a scanner or a card reader types: a case's number, or a person's, which goes to the server and is kept nowhere. */
export function useFind(open: (number: string) => Promise<void>) {
  const found = shallowRef<Case[] | null>(null)
  const finding = ref(false)
  const problem = ref('')

  async function byPerson(number: string): Promise<Case[]> {
    const kinds = kindOf(number) === 'company' ? ['company', 'id'] : ['id', 'company']
    let last: unknown = null
    for (const kind of kinds) {
      try {
        return (await ask<CaseList>('POST', '/api/v1/cases/search', { body: { person: { kind, number } } }))?.cases ?? []
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 422) throw error
        last ??= error
      }
    }
    throw last
  }

  /** A number with a dash or of an approval system is a case's; the rest is tried as a person's first. */
  async function find(text: string): Promise<void> {
    const number = text.trim()
    if (!number || finding.value) return
    finding.value = true
    problem.value = ''
    try {
      if (/^[0-9A-Z]{15,18}$/i.test(number)) {
        found.value = await byPerson(number)
        const only = found.value.length === 1 ? found.value[0] : undefined
        if (only) await open(only.case)
      } else await open(number)
    } catch (error) {
      problem.value = wordsOf(error)
    } finally {
      finding.value = false
    }
  }

  function forget(): void {
    found.value = null
    problem.value = ''
  }

  return { found, finding, problem, find, forget }
}
