import { computed, shallowRef, watch, type Ref } from 'vue'
import type { Matter } from '../lib/wire'
import filler from './filler.json'
import { find, index, type Say } from './search'

/** Finds matters by what is typed. The pronunciations come from a file of their own, once somebody searches. */
export function useSearch(matters: Ref<Matter[]>, typed: Ref<string>) {
  const say = shallowRef<Say | null>(null)
  let asked = false
  watch(typed, (text) => {
    if (asked || !text) return
    asked = true
    import('pinyin-pro')
      .then(({ pinyin }) => (say.value = (text) => pinyin(text, { toneType: 'none', type: 'array', v: true, nonZh: 'consecutive' })))
      .catch(() => (asked = false)) // characters still find
  }, { immediate: true })
  const indexed = computed(() => index(matters.value, say.value))
  return computed(() => find(indexed.value, typed.value, say.value, filler))
}
