import type { OutcomeCode } from '../lib/wire'

/** The acts that have a key of their own on the window page. */
export type KeyAct =
  | 'main' | 'recall' | 'start' | 'finish' | 'hold' | 'transfer' | 'noshow' | 'pause' | 'close'
  | 'undo' | 'held' | 'missed' | 'up' | 'down' | 'help' | 'esc'

/** Function keys act on the ticket in hand, letters on what lies beside it, digits choose. They never change their place. */
export const keys: Record<KeyAct, string[]> = {
  main: ['Space', 'Enter', 'F1'],
  recall: ['F2'],
  start: ['F3'],
  finish: ['F4'],
  hold: ['F6'],
  transfer: ['F7'],
  noshow: ['F8'],
  pause: ['F9'],
  close: ['F10'],
  undo: ['z'],
  held: ['h'],
  missed: ['m'],
  up: ['ArrowUp'],
  down: ['ArrowDown'],
  help: ['?'],
  esc: ['Escape'],
}

/** One key for each outcome. */
export const outcomeKeys: Record<OutcomeCode, string> = {
  accepted: '1',
  done: '2',
  incomplete: '3',
  consultation: '7',
  collected: '8',
  withdrawn: '=',
}

export function actOf(stroke: string): KeyAct | undefined {
  return (Object.keys(keys) as KeyAct[]).find((act) => keys[act].includes(stroke))
}
