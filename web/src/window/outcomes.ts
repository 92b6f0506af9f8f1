import type { Outcome, Purpose } from '../lib/cases'
import type { OutcomeCode } from '../lib/wire'

/** What an outcome says beside its name. */
export type Detail = { [K in keyof Omit<Outcome, 'matter' | 'outcome'>]?: Outcome[K] | undefined }

/** How a matter ended, as the clerk has it so far. */
export interface Decided extends Detail {
  outcome: OutcomeCode
}

/** The outcomes in the order of their keys. Which of them a case allows is the server's to say. */
export const outcomeKeys: Record<OutcomeCode, string> = {
  accepted: '1',
  done: '2',
  incomplete: '3',
  corrected: '4',
  deferred: '5',
  no_authority: '6',
  consultation: '7',
  collected: '8',
  paid: '9',
  progress: '0',
  complaint: '-',
  withdrawn: '=',
}

export const allOutcomes = Object.keys(outcomeKeys) as OutcomeCode[]

/** Outcomes that cannot be sent without more words: they open a panel. */
export const panelOf: Partial<Record<OutcomeCode, 'missing' | 'deferred' | 'authority'>> = {
  incomplete: 'missing',
  deferred: 'deferred',
  no_authority: 'authority',
}

export const purposes: Purpose[] = ['Q', 'A', 'B', 'V', 'P', 'C', 'S', 'X', 'R']
