import { ref, watch } from 'vue'
import { ApiError } from '../../lib/api'
import { i18n } from '../../lib/locale'
import { fetchReport, query, type Period, type Report } from './report'
import { fetchDays, newest, type Days, type Span } from './spans'

/** A report of the period that the address asks for, or of the newest of a span that has data; lost is called when the session has ended. */
export function useReport(kind: string, span: Span, by: string, lost: () => void) {
  const report = ref<Report | null>(null)
  const fault = ref<unknown>(null)
  const busy = ref(false)
  const days = ref<Days | null>(null)
  const params = new URLSearchParams(location.hash.split('?')[1])
  const period = ref<Period>({ from: params.get('from') ?? '', to: params.get('to') ?? '', by: params.get('by') ?? by })

  async function load(): Promise<void> {
    busy.value = true
    try {
      days.value = await fetchDays()
      if (!period.value.from || !period.value.to) period.value = { ...newest(span, days.value), by: period.value.by }
      report.value = await fetchReport(kind, period.value)
      fault.value = null
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return lost()
      fault.value = error
    } finally {
      busy.value = false
    }
  }

  function change(to: Period): void {
    period.value = to
    history.replaceState(null, '', `${location.hash.split('?')[0]}?${query(to)}`)
    void load()
  }

  watch(i18n.global.locale, load) // the server says its texts in the page's language

  return { report, fault, busy, days, period, load, change }
}
