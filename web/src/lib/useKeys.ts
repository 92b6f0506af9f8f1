import { onScopeDispose } from 'vue'

/** One listener among several: the newest hears first. It returns true when the stroke was its own. */
export interface Layer {
  pressed: (stroke: string) => boolean
  modal?: boolean // nothing below it hears anything
}

const layers: Layer[] = []

/** A key as the tables write it: F2, Space, Escape, 3, z. Letters are small; with an input method on, the key's place counts. */
export function strokeOf(event: KeyboardEvent): string {
  if (event.key === ' ') return 'Space'
  if (event.key.length > 1 && event.key !== 'Process') return event.key
  if (event.key >= '!' && event.key <= '~') return event.key.toLowerCase()
  return event.code.replace(/^(Key|Digit|Numpad)(?=.$)/, '').toLowerCase()
}

const short: Record<string, string> = { Escape: 'Esc', ArrowUp: '↑', ArrowDown: '↓' }

export function nameOf(stroke: string): string {
  if (stroke in short) return short[stroke] ?? ''
  return stroke.length === 1 ? stroke.toUpperCase() : stroke
}

/** Hears the keys of the whole page while its component lives. */
export function useKeys(layer: Layer): void {
  if (layers.length === 0) {
    window.addEventListener('keydown', heard)
    window.addEventListener('click', clicked)
  }
  layers.unshift(layer)
  onScopeDispose(() => {
    layers.splice(layers.indexOf(layer), 1)
    if (layers.length > 0) return
    window.removeEventListener('keydown', heard)
    window.removeEventListener('click', clicked)
  })
}

// A key held down counts once. What a focused field or control needs belongs to it first.
function heard(event: KeyboardEvent): void {
  if (event.altKey || event.metaKey || event.isComposing) return
  if (event.ctrlKey && !(event.key === 'z' && !typing(event.target))) return
  const stroke = strokeOf(event)
  if (stroke.length === 1 && typing(event.target)) return
  if (['Space', 'Enter', 'ArrowUp', 'ArrowDown'].includes(stroke) && owned(event.target, stroke)) return
  if (event.repeat) {
    if (layers.length > 0 && !typing(event.target) && stroke.startsWith('F')) event.preventDefault()
    return
  }
  for (const layer of [...layers]) {
    if (layer.pressed(stroke)) return event.preventDefault()
    if (layer.modal) return
  }
}

// After a click with the mouse the keys belong to the page again.
function clicked(event: MouseEvent): void {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>('button') : null
  if (event.detail > 0 && button) button.blur()
}

function typing(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input:not([type="checkbox"]), textarea, select') !== null
}

function owned(target: EventTarget | null, stroke: string): boolean {
  if (!(target instanceof Element)) return false
  return target.closest(stroke === 'Enter' || stroke === 'Space' ? 'input, textarea, select, button, a, summary' : 'input, textarea, select') !== null
}
