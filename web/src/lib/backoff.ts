const firstMS = 500
const longestMS = 10_000

/** Wait before the n-th try (0, 1, …): 0.5 s doubling to 10 s, each with jitter so that 1,000 screens do not return at once. */
export function backoffMS(tries: number): number {
  const full = Math.min(longestMS, firstMS * 2 ** Math.min(tries, 10))
  return full * (0.5 + Math.random() * 0.5)
}

export function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
