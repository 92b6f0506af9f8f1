import { onScopeDispose, shallowRef, watch } from 'vue'
import { ask } from '../lib/api'
import type { WindowQueue } from '../lib/cases'

const atMostEveryMS = 400
const againMS = 20_000 // who has waited longer overtakes, though nothing happens

/** Who comes next at a window in the rule's own order: asked for when the hall has changed. Null until the first answer. */
export function useQueue(id: () => string, seq: () => number | undefined) {
  const queue = shallowRef<WindowQueue | null>(null)
  let last = 0
  let timer = 0

  async function look(): Promise<void> {
    last = Date.now()
    clearTimeout(timer)
    timer = window.setTimeout(look, againMS)
    try {
      const found = await ask<WindowQueue>('GET', `/api/v1/windows/${encodeURIComponent(id())}/queue`)
      if (found && found.seq >= (queue.value?.seq ?? 0)) queue.value = found
    } catch {
      /* the page says by itself that the server is away; the last list stays */
    }
  }

  function changed(): void {
    if (!id()) return
    clearTimeout(timer)
    timer = window.setTimeout(look, Math.max(0, last + atMostEveryMS - Date.now()))
  }

  watch([id, seq], changed, { immediate: true })
  onScopeDispose(() => clearTimeout(timer))
  return queue
}
