/** About how wide words are, in em: Chinese letters are about twice as wide as others. */
export const wideOf = (words: string) => [...words].reduce((sum, letter) => sum + (letter > '\u2e80' ? 1 : letter > '\u0600' && letter < '\u2000' ? 0.5 : 0.58), 0)
