import { createApp, type Component } from 'vue'
import '../base.css'
import { i18n, loadLang, useLang } from './locale'
import type { Lang } from './wire'

/** Puts a page on the screen in the given language; other languages that it shows beside it are loaded too. */
export async function startPage(page: Component, lang: Lang, also: Lang[] = []): Promise<void> {
  await Promise.all([...also, lang, 'zh' as const].map(loadLang))
  await useLang(lang)
  createApp(page).use(i18n).mount('#page')
}
