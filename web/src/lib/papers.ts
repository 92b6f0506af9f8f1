import { nextTick, ref, shallowRef } from 'vue'
import { ask } from './api'
import type { Paper, PaperLink } from './cases'
import { wordsOf } from './errors'

/** Prints papers through the browser: the sheet is drawn for print only. The last ones can be printed again. */
export function usePapers() {
  const sheets = shallowRef<Paper[]>([])
  const last = shallowRef<PaperLink[]>([])
  const problem = ref('')

  async function print(links: PaperLink[]): Promise<void> {
    if (links.length === 0) return
    last.value = links
    problem.value = ''
    try {
      const papers = await Promise.all(links.map((link) => ask<Paper>('GET', link.url)))
      sheets.value = papers.filter((paper) => paper !== null)
      await nextTick()
      window.print()
    } catch (error) {
      problem.value = wordsOf(error)
    }
  }

  return { sheets, last, problem, print, again: () => print(last.value) }
}
