import { onScopeDispose } from 'vue'

const maxTyped = 400

/** The code of an appointment's page in what a scanner typed; empty when it typed something else. */
export function codeInAddress(text: string): string {
  return /\/appointment\/([a-z2-7]{26,32})/i.exec(text)?.[1]?.toUpperCase() ?? ''
}

/** Hears a scanner, which types what it reads and then Enter: the QR code of an appointment, at any moment that is wanted. */
export function useScanner(wanted: () => boolean, found: (code: string) => void): void {
  let typed = ''
  function hear(event: KeyboardEvent): void {
    if (event.key.length === 1) typed = (typed + event.key).slice(-maxTyped)
    if (event.key !== 'Enter') return
    const code = codeInAddress(typed)
    typed = ''
    if (!code || !wanted()) return
    event.preventDefault() // the button in focus is not meant
    found(code)
  }
  window.addEventListener('keydown', hear, { capture: true })
  onScopeDispose(() => window.removeEventListener('keydown', hear, { capture: true }))
}
