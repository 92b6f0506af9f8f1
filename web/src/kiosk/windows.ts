/** How many windows a ticket will take: the fewest sets of fields that together cover its matters (greedy; one where one covers all). */
export function windowsFor(fields: string[], covers: string[][]): number {
  let left = new Set(fields)
  let count = 0
  while (left.size > 0) {
    const best = Math.max(0, ...covers.map((set) => set.filter((field) => left.has(field)).length))
    if (best === 0) return count + left.size
    const chosen = covers.find((set) => set.filter((field) => left.has(field)).length === best) ?? []
    left = new Set([...left].filter((field) => !chosen.includes(field)))
    count++
  }
  return count
}
