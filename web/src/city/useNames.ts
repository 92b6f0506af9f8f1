import { onMounted, ref } from 'vue'
import { city } from './city'

/** What halls are called, by their names in the register. */
export function useNames() {
  const names = ref<Record<string, string>>({})
  onMounted(async () => {
    const list = await city.halls().catch(() => null)
    names.value = Object.fromEntries((list ?? []).map((h) => [h.hall, h.name || h.hall]))
  })
  return names
}
