import { computed, onScopeDispose, ref, watch, type Ref } from 'vue'
import { isLang, useLang } from '../lib/locale'
import type { Lang, Screen } from '../lib/wire'

const rotateMS = 8000

/** ?lang=zh,ug,kk instead of the screen's own languages. */
export function askedLangs(): Lang[] {
  const asked = (new URLSearchParams(location.search).get('lang') ?? '').split(',').map((lang) => lang.trim())
  return [...new Set(asked.filter((lang): lang is Lang => isLang(lang)))]
}

/** The languages to show now: the first one stands always, the others take turns beside it. Turn is each one's in turn. */
export function useScreenLangs(screen: Ref<Screen | null>) {
  const asked = askedLangs()
  const turn = ref(0)
  const timer = setInterval(() => turn.value++, rotateMS)
  onScopeDispose(() => clearInterval(timer))
  const all = computed<Lang[]>(() => {
    if (asked.length) return asked
    const own = (screen.value?.languages ?? []).filter((lang) => isLang(lang))
    return own.length ? own : ['zh', 'ug']
  })
  watch(() => all.value[0] ?? 'zh', (lang) => void useLang(lang), { immediate: true })
  const langs = computed<Lang[]>(() => {
    const others = all.value.slice(1)
    const beside = others[turn.value % Math.max(1, others.length)]
    return beside ? [all.value[0] ?? 'zh', beside] : [all.value[0] ?? 'zh']
  })
  return { langs, turn: computed<Lang>(() => all.value[turn.value % all.value.length] ?? 'zh') }
}
