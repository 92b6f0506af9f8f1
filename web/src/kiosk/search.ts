import type { Matter } from '../lib/wire'

/** Matters whose name (any language), code or department holds every word that was typed. */
export function find(matters: Matter[], typed: string): Matter[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean)
  return matters.filter((matter) => {
    const text = [...Object.values(matter.name), matter.code, matter.department].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
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
