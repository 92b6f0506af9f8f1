/** The steps of a department's desk with their keys, in the order of a case's way. Which of them a case allows, the server says. */
export const actKeys: Record<string, string> = {
  acknowledge: 'a',
  notice: 'n',
  joint: 'j',
  opinion: 'o',
  suspend: 's',
  continue: 'c',
  extend: 'e',
  decide: 'd',
  ready: 'r',
  send: 't',
  return: 'b',
  end: 'x',
}

/** Steps that need no more words. */
export const atOnce = ['acknowledge', 'continue', 'ready']
