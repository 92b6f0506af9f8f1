import { createApp, type Component } from 'vue'
import '../base.css'
import { i18n, loadLang, readAsStaff, staffLangs, useLang, wantedLang } from './locale'
import type { Lang } from './wire'

/** Puts a page on the screen in the given language; other languages that it shows beside it are loaded too. */
export async function startPage(page: Component, lang: Lang, also: Lang[] = []): Promise<void> {
  await Promise.all([...also, lang, 'zh' as const].map(loadLang))
  await useLang(lang)
  createApp(page).use(i18n).mount('#page')
}

/** Puts a page for staff on the screen, in the language that this browser's user wants. */
export async function startStaffPage(page: Component): Promise<void> {
  readAsStaff()
  await startPage(page, wantedLang(staffLangs))
}
