/** Numbers that a person may type or a scanner may read: checked here only to say a slip at once; the hall checks again. */

const idWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const idChecks = '10X98765432'
const companyLetters = '0123456789ABCDEFGHJKLMNPQRTUWXY'
export const idKeys = [...'1234567890X']
export const companyKeys = [...companyLetters]
export const fullLength = 18

/** 18 digits of an identity card, or a pass (H or M and 8 or 10 digits, or 8 or 10 digits). */
export function idFits(typed: string): boolean {
  const number = typed.toUpperCase()
  if (/^[HM]?\d{8}(\d{2})?$/.test(number)) return true
  if (/^[A-Z]{3}\d{12}$/.test(number)) return true // the old card of foreign residents
  if (!/^\d{17}[\dX]$/.test(number)) return false
  const sum = idWeights.reduce((total, weight, i) => total + weight * Number(number[i]), 0)
  return idChecks[sum % 11] === number[17]
}

/** A unified social credit code (GB 32100). */
export function companyFits(typed: string): boolean {
  const code = typed.toUpperCase()
  if (code.length !== fullLength || [...code].some((letter) => !companyLetters.includes(letter))) return false
  let weight = 1
  let sum = 0
  for (let i = 0; i < fullLength - 1; i++) {
    sum += weight * companyLetters.indexOf(code[i] ?? '')
    weight = (weight * 3) % 31
  }
  return companyLetters[(31 - (sum % 31)) % 31] === code[fullLength - 1]
}

/** The credit code in what a licence's QR code says: the code itself, or an address that holds it. */
export function codeInQR(text: string): string {
  const found = text.toUpperCase().match(/[0-9A-HJ-NP-RTUWXY]{18}/g) ?? []
  return found.find(companyFits) ?? ''
}

/** All but the first three and the last four stays covered. */
export function mask(number: string): string {
  return number.length < 14 ? '*'.repeat(number.length) : number.slice(0, 3) + '*'.repeat(number.length - 7) + number.slice(-4)
}
