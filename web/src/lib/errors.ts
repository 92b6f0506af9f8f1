import { ApiError, NoAnswer } from './api'
import { i18n } from './locale'

/** What went wrong as a sentence: the server's own words where it has some. */
export function wordsOf(error: unknown): string {
  const { t } = i18n.global
  if (error instanceof ApiError) return error.message || t('error.server', { status: error.status })
  if (error instanceof NoAnswer) return t('error.away')
  return t('error.unknown')
}
