import { ref, watch } from 'vue'
import { ApiError } from '../../lib/api'
import { fetchReport, query, type Period, type Report } from './report'

/** A report of the period that the address asks for, or of the usual one; lost is called when the session has ended. */
export function useReport(kind: string, usual: Period, lost: () => void) {
  const report = ref<Report | null>(null)
  const fault = ref<unknown>(null)
  const busy = ref(false)
  const params = new URLSearchParams(location.hash.split('?')[1])
  const period = ref<Period>({ from: params.get('from') ?? usual.from, to: params.get('to') ?? usual.to, by: params.get('by') ?? usual.by })

  async function load(): Promise<void> {
    busy.value = true
    try {
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
  }

  watch(period, load)
  return { report, fault, busy, period, load, change }
}
