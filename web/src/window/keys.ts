/** The acts that have a key of their own on the window page. */
export type KeyAct =
  | 'main' | 'recall' | 'start' | 'finish' | 'hold' | 'transfer' | 'noshow' | 'pause' | 'close'
  | 'split' | 'handover' | 'move' | 'identify' | 'subject' | 'number' | 'purpose' | 'mail' | 'fetch' | 'nomail' | 'print'
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
  split: ['s'],
  handover: ['o'],
  move: ['g'],
  identify: ['i'],
  subject: ['f'],
  number: ['c'],
  purpose: ['p'],
  mail: ['e'],
  fetch: ['w'],
  nomail: ['n'],
  print: ['r'],
  undo: ['z'],
  held: ['h'],
  missed: ['m'],
  up: ['ArrowUp'],
  down: ['ArrowDown'],
  help: ['?'],
  esc: ['Escape'],
}

export function actOf(stroke: string): KeyAct | undefined {
  return (Object.keys(keys) as KeyAct[]).find((act) => keys[act].includes(stroke))
}

/** What each key is called on the page, as the name of a message. */
export const wordsOf: Record<KeyAct, string> = {
  main: 'window.key.main', recall: 'window.recall', start: 'window.start', finish: 'window.finish', hold: 'window.hold', transfer: 'window.transfer',
  noshow: 'window.noshow', pause: 'window.key.pause', close: 'window.close', split: 'desk.split', handover: 'desk.handover', move: 'desk.move', identify: 'desk.identify', subject: 'desk.subject',
  number: 'desk.caseNumber', purpose: 'desk.purpose', mail: 'desk.wishMail', fetch: 'desk.wishFetch', nomail: 'desk.wishNone', print: 'desk.print',
  undo: 'window.undo', held: 'window.heldList', missed: 'window.missedList', up: 'window.key.up', down: 'window.key.down', help: 'window.keys', esc: 'window.key.esc',
}
