import type { Matter } from '../lib/wire'

/** Says a Chinese text in syllables without tones: 营业执照 → ying ye zhi zhao. */
export type Say = (text: string) => string[]

interface Entry {
  text: string // lower case
  syllables: string[]
  weight: number
}

export interface Indexed {
  matter: Matter
  entries: Entry[]
  other: string // names in other languages, code, department
}

const nameWeight = 1
const keywordWeight = 0.97 // the name itself wins a tie
const longEnough = 5 // letters from which a slip of the finger is forgiven
const hanText = /\p{Script=Han}/u

/** Prepares a catalogue for finding; say may be null while the pronunciations are not loaded. */
export function index(matters: Matter[], say: Say | null): Indexed[] {
  const entry = (text: string, weight: number): Entry => ({ text: text.toLowerCase(), syllables: say ? say(text).map(plain) : [], weight })
  return matters.map((matter) => ({
    matter,
    entries: [entry(bare(matter.name.zh ?? ''), nameWeight), entry(matter.name.zh ?? '', keywordWeight), ...(matter.keywords ?? []).map((word) => entry(word, keywordWeight))],
    other: [matter.name.ug, matter.name.kk, matter.name.en, matter.code, matter.department].filter(Boolean).join('\n').toLowerCase(),
  }))
}

/** A name without what stands in brackets: the plain case of several that are named alike comes first. */
const bare = (name: string) => name.replace(/[(（][^)）]*[)）]/g, '')

/** Matters that fit what was typed (characters, pinyin, initials, mixed, with slips), the best first. */
export function find(list: Indexed[], typed: string, say: Say | null, filler: string[]): Matter[] {
  const query = typed.trim().toLowerCase()
  if (!query) return list.map((one) => one.matter)
  const core = essence(query, filler)
  const scored = list.map((one, place) => ({ one, place, score: score(one, query, core, say) })).filter((found) => found.score > 0)
  scored.sort((a, b) => b.score - a.score || a.place - b.place)
  const best = scored[0]?.score ?? 0
  return scored.filter((found) => found.score >= best * 0.4).map((found) => found.one.matter)
}

/** What was asked without what people say around it. */
function essence(query: string, filler: string[]): string {
  return filler.reduce((text, word) => text.replaceAll(word, ''), query) || query
}

function score(one: Indexed, query: string, core: string, say: Say | null): number {
  const spaceless = query.replace(/[\s'’·-]+/g, '')
  const other = query.length > 1 && query.split(/\s+/).every((word) => one.other.includes(word)) ? 60 : 0
  const han = hanText.test(query)
  return Math.max(other, ...one.entries.map((entry) => (han ? byHan(entry, spaceless, core, say) : byLetters(entry, spaceless)) * entry.weight))
}

function byHan(entry: Entry, query: string, core: string, say: Say | null): number {
  if (entry.text === query || entry.text === core) return 120
  const whole = containment(entry.text, query, core)
  if (whole > 0) return whole
  const shared = cover(core, entry.text)
  const alike = say && core.length >= 2 ? byLetters(entry, say(core).join('')) * 0.75 : 0 // another character of the same sound
  return Math.max(shared, alike)
}

function containment(text: string, query: string, core: string): number {
  for (const wanted of [query, core]) {
    const at = text.indexOf(wanted)
    if (at >= 0 && wanted.length >= 1) return 90 + (at === 0 ? 6 : 0) + closeness(wanted.length, text.length)
  }
  // The other way round: a long sentence that holds the keyword.
  return text.length >= 2 && query.includes(text) ? 80 + Math.min(8, text.length) : 0
}

/** How much of what was asked stands in the text: pairs of neighbours count more than single characters. */
function cover(query: string, text: string): number {
  if (query.length < 2) return 0
  const characters = [...query].filter((c) => text.includes(c)).length / query.length
  let pairs = 0
  for (let i = 0; i + 2 <= query.length; i++) if (text.includes(query.slice(i, i + 2))) pairs++
  const share = 0.4 * characters + 0.6 * (pairs / (query.length - 1))
  return share >= 0.45 ? 70 * share + closeness(query.length, text.length) : 0
}

const closeness = (asked: number, there: number) => (4 * Math.min(asked, there)) / Math.max(asked, there)

function byLetters(entry: Entry, query: string): number {
  const wanted = plain(query)
  const { syllables } = entry
  if (syllables.length === 0) return entry.text.includes(query) ? 60 : 0
  let best = 0
  for (let from = 0; from < syllables.length; from++) {
    const parts = spell(wanted, syllables, from)
    if (parts === null) continue
    const value = 70 + 20 * parts.full + (from === 0 ? 6 : 0) + closeness(parts.syllables, syllables.length)
    best = Math.max(best, value)
  }
  if (best === 0 && wanted.length >= longEnough) best = withSlip(wanted, syllables)
  return best
}

interface Spelt {
  full: number // share of the syllables that were typed in full
  syllables: number
}

/** Reads the letters as syllables from one on, each in full or only its beginning: yyzz, yingyezz, yingyezhizhao. */
function spell(letters: string, syllables: string[], from: number): Spelt | null {
  const walk = (at: number, s: number, full: number): Spelt | null => {
    if (at === letters.length) return { full: full / Math.max(1, s - from), syllables: s - from }
    const syllable = syllables[s]
    if (syllable === undefined) return null
    let best: Spelt | null = null
    for (let n = syllable.length; n >= 1; n--) {
      if (!letters.startsWith(syllable.slice(0, n), at)) continue
      const found = walk(at + n, s + 1, full + (n === syllable.length ? 1 : 0))
      if (found && (!best || found.full > best.full)) best = found
    }
    return best
  }
  return walk(0, from, 0)
}

/** A slip of the finger: the letters stand in the text with one difference, from nine letters on with two. */
function withSlip(letters: string, syllables: string[]): number {
  const allowed = letters.length >= 9 ? 2 : 1
  let at = 0
  let best = allowed + 1
  const text = syllables.join('')
  for (const syllable of syllables) {
    best = Math.min(best, distance(letters, text.slice(at, at + letters.length + allowed)))
    at += syllable.length
  }
  return best <= allowed ? 56 - 8 * best + closeness(letters.length, text.length) : 0
}

/** Edit distance of the letters to the best beginning of the text. */
function distance(letters: string, text: string): number {
  let row = Array.from({ length: text.length + 1 }, (_, i) => i)
  for (let i = 1; i <= letters.length; i++) {
    const next = [i]
    for (let j = 1; j <= text.length; j++) {
      const same = letters[i - 1] === text[j - 1] ? 0 : 1
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same))
    }
    row = next
  }
  return Math.min(...row)
}

/** Sounds that many people do not tell apart are one: zh z, ch c, sh s, ang an, eng en, ing in, ü v. */
function plain(syllable: string): string {
  return syllable
    .toLowerCase()
    .replace(/ü/g, 'v')
    .replace(/([zcs])h/g, '$1')
    .replace(/([aei])ng/g, '$1n')
}

/**
 * Pairs of characters that stand in several names but not in all, the frequent ones first: words to touch
 * for people who cannot or do not like to type. A pair found only inside a chosen longer one is not shown again.
 */
export function commonWords(matters: Matter[], atMost: number): string[] {
  const counts = new Map<string, number>()
  for (const matter of matters) {
    for (const pair of new Set(pairs(matter.name.zh ?? ''))) counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }
  const useful = [...counts].filter(([, n]) => n >= 2 && n < matters.length)
  useful.sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
  const chosen: string[] = []
  for (const [pair] of useful) {
    if (chosen.length === atMost) break
    if (!chosen.some((other) => other[1] === pair[0] || other[0] === pair[1])) chosen.push(pair)
  }
  return chosen
}

function pairs(name: string): string[] {
  const found: string[] = []
  for (const run of name.match(/\p{Script=Han}{2,}/gu) ?? []) {
    for (let i = 0; i + 2 <= run.length; i++) found.push(run.slice(i, i + 2))
  }
  return found
}
