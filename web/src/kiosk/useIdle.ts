import { onScopeDispose, ref } from 'vue'

const warnAfterS = 60
const leaveAfterS = 30

/** Notices that nobody touches the kiosk: after 60 s asks, after 30 s more leaves. left is null while nobody has to be asked. */
export function useIdle(watched: () => boolean, leave: () => void) {
  const left = ref<number | null>(null)
  let quietS = 0

  function touched(): void {
    if (left.value === null) quietS = 0
  }

  function stay(): void {
    quietS = 0
    left.value = null
  }

  function second(): void {
    if (!watched()) return stay()
    quietS++
    if (quietS < warnAfterS) return
    left.value = warnAfterS + leaveAfterS - quietS
    if (left.value <= 0) {
      stay()
      leave()
    }
  }

  const signs = ['pointerdown', 'keydown', 'input', 'wheel'] as const
  signs.forEach((sign) => window.addEventListener(sign, touched, { passive: true }))
  const timer = setInterval(second, 1000)
  onScopeDispose(() => {
    clearInterval(timer)
    signs.forEach((sign) => window.removeEventListener(sign, touched))
  })
  return { left, stay }
}
