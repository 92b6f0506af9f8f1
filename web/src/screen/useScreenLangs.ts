import { computed, onScopeDispose, ref } from 'vue'
import { isLang } from '../lib/locale'
import type { Lang } from '../lib/wire'

const rotateMS = 8000

/** ?lang=zh,ug,kk: the first one stands always, the others take turns beside it. */
export function readLangs(): Lang[] {
  const asked = (new URLSearchParams(location.search).get('lang') ?? 'zh,ug').split(',').map((lang) => lang.trim())
  const known = [...new Set(asked.filter((lang): lang is Lang => isLang(lang)))]
  return known.length ? known : ['zh', 'ug']
}

export function useScreenLangs() {
  const all = readLangs()
  const turn = ref(0)
  const timer = setInterval(() => turn.value++, rotateMS)
  onScopeDispose(() => clearInterval(timer))
  return computed<Lang[]>(() => {
    const others = all.slice(1)
    const beside = others[turn.value % Math.max(1, others.length)]
    return beside ? [all[0] ?? 'zh', beside] : [all[0] ?? 'zh']
  })
}
