/** What a number looks like: a company's credit code has letters beyond a last X; everything else is a person's. The server judges it. */
export function kindOf(number: string): 'id' | 'company' {
  const text = number.trim()
  return /^[0-9A-Z]{18}$/i.test(text) && !/^\d{17}[\dX]$/i.test(text) ? 'company' : 'id'
}
