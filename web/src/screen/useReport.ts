import { onScopeDispose, ref, watch, type Ref } from 'vue'
import type { Live } from '../lib/live'
import type { Board, Call } from '../lib/wire'
import type { Sound } from './useVoice'

const everyMS = 10_000
const namingMS = 15_000
const reloaded = 'yitang.reloaded'

/** Tells the hall what this screen shows, shows the screen's name when asked, and takes up a newer page. */
export function useReport(live: Live<Board>, newest: Ref<Call | null>, sound: Ref<Sound>, behindS: Ref<number>) {
  const naming = ref(false)
  let build = ''
  let asked = -1
  let timer = 0

  function report(): void {
    const call = newest.value
    live.send({
      client: 'page', version: build, width: Math.round(innerWidth * devicePixelRatio), height: Math.round(innerHeight * devicePixelRatio),
      seq: live.data.value?.seq ?? 0, shows: call ? `${call.number} → ${call.window}` : '', sound: sound.value, behind_s: behindS.value,
    })
  }

  function name(): void {
    naming.value = true
    clearTimeout(timer)
    timer = window.setTimeout(() => (naming.value = false), namingMS)
  }

  watch(live.data, (board, before) => {
    if (!board) return
    if (!before) setTimeout(report, 1000)
    if (asked >= 0 && (board.name ?? 0) > asked) name()
    asked = board.name ?? 0
    if (build && board.build && board.build !== build) reload(board.build)
    build ||= board.build ?? ''
  })
  watch(sound, report)
  const regular = setInterval(report, everyMS)
  onScopeDispose(() => {
    clearInterval(regular)
    clearTimeout(timer)
  })
  return { naming }
}

/** Once for each newer page: should it be kept back somewhere, the old one goes on. */
function reload(build: string): void {
  try {
    if (sessionStorage.getItem(reloaded) === build) return
    sessionStorage.setItem(reloaded, build)
  } catch {
    return
  }
  location.reload()
}
