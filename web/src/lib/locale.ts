import { createI18n } from 'vue-i18n'
import type { Lang, Text } from './wire'

export const allLangs: Lang[] = ['zh', 'ug', 'kk', 'en']
export const staffLangs: Lang[] = ['zh', 'en']

const rtl: Lang[] = ['ug', 'kk']
const htmlLang: Record<Lang, string> = { zh: 'zh-CN', ug: 'ug', kk: 'kk-Arab', en: 'en' }
type Loader = () => Promise<{ default: Record<string, never> }>
const publicTexts = import.meta.glob<{ default: Record<string, never> }>('../messages/??.json')
const staffTexts = import.meta.glob<{ default: Record<string, never> }>('../messages/staff-*.json')
const loaders: ((lang: Lang) => Loader | undefined)[] = [(lang) => publicTexts[`../messages/${lang}.json`]]

/** This page is for staff: it needs their texts too, which a phone must not load. */
export function readAsStaff(): void {
  loaders.push((lang) => staffTexts[`../messages/staff-${lang}.json`])
}

export function dirOf(lang: Lang): 'rtl' | 'ltr' {
  return rtl.includes(lang) ? 'rtl' : 'ltr'
}

export function tagOf(lang: Lang): string {
  return htmlLang[lang]
}

export function isLang(value: string | null | undefined, among: Lang[] = allLangs): value is Lang {
  return among.includes(value as Lang)
}

/** The text in the wanted language, else in Chinese, with the language it really is in. */
export function pick(text: Text | undefined | null, lang: Lang): { words: string; lang: Lang } {
  const own = text?.[lang]
  return own ? { words: own, lang } : { words: text?.zh ?? '', lang: 'zh' }
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh',
  fallbackLocale: 'zh',
  missingWarn: false,
  fallbackWarn: false,
  messages: {} as Record<string, Record<string, never>>,
})

export async function loadLang(lang: Lang): Promise<void> {
  if (i18n.global.availableLocales.includes(lang)) return
  const parts = await Promise.all(loaders.map((loader) => loader(lang)?.()))
  i18n.global.setLocaleMessage(lang, Object.assign({}, ...parts.map((part) => part?.default)))
}

/** Turns the whole page to a language: words, direction and fonts. */
export async function useLang(lang: Lang): Promise<void> {
  await loadLang(lang)
  i18n.global.locale.value = lang
  document.documentElement.lang = tagOf(lang)
  document.documentElement.dir = dirOf(lang)
}

export function currentLang(): Lang {
  return i18n.global.locale.value as Lang
}

const remembered = 'yitang.lang'

/** ?lang= first, then what this browser chose before, then Chinese. */
export function wantedLang(among: Lang[]): Lang {
  const asked = new URLSearchParams(location.search).get('lang')
  if (isLang(asked, among)) return asked
  const before = read(remembered)
  return isLang(before, among) ? before : 'zh'
}

export function rememberLang(lang: Lang): void {
  keep(remembered, lang)
}

// Storage may be forbidden (private windows): then nothing is remembered.
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    /* not remembered */
  }
}

export function read(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}
