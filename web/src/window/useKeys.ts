import { onScopeDispose } from 'vue'

export type KeyAct = 'main' | 'recall' | 'start' | 'finish' | 'hold' | 'transfer' | 'noshow' | 'pause' | 'esc'

/** The keys of the window page, and how the legend writes them. */
export const keys: Record<KeyAct, string[]> = {
  main: ['F1', ' ', 'Enter'],
  recall: ['F2'],
  start: ['F3'],
  finish: ['F4'],
  hold: ['F6'],
  transfer: ['F7'],
  noshow: ['F8'],
  pause: ['F9'],
  esc: ['Escape'],
}

export function nameOf(key: string): string {
  if (key === ' ') return 'Space'
  return key === 'Escape' ? 'Esc' : key
}

/** Listens on the whole page. A key held down counts once; Space and Enter belong to a focused control or field first. */
export function useKeys(on: (act: KeyAct) => void): void {
  function pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const act = (Object.keys(keys) as KeyAct[]).find((name) => keys[name].includes(event.key))
    if (!act || (act === 'main' && event.key !== 'F1' && busyControl(event.target))) return
    event.preventDefault()
    if (!event.repeat) on(act)
  }
  // After a click with the mouse the keys belong to the page again.
  function clicked(event: MouseEvent): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('button') : null
    if (event.detail > 0 && button && !button.closest('[role="dialog"]')) button.blur()
  }
  window.addEventListener('keydown', pressed)
  window.addEventListener('click', clicked)
  onScopeDispose(() => {
    window.removeEventListener('keydown', pressed)
    window.removeEventListener('click', clicked)
  })
}

function busyControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, button, a, summary, [role="dialog"]') !== null
}
