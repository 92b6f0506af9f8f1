import { onScopeDispose, ref, type Ref } from 'vue'
import { ask } from '../../lib/api'
import type { ForecastReport } from '../../lib/wire'

const everyMS = 60_000

/** The report, read once a minute; the last one stays while the hall does not answer. */
export function useForecasts(): { report: Ref<ForecastReport | null>; failed: Ref<boolean> } {
  const report = ref<ForecastReport | null>(null)
  const failed = ref(false)
  async function read(): Promise<void> {
    try {
      report.value = await ask<ForecastReport>('GET', '/api/v1/forecasts')
      failed.value = false
    } catch {
      failed.value = true
    }
  }
  void read()
  const timer = setInterval(() => void read(), everyMS)
  onScopeDispose(() => clearInterval(timer))
  return { report, failed }
}
