import { reactive } from 'vue'

export type Mode = 'big' | 'contrast' | 'low' | 'spoken'

/** How the page is shown to this person: large text, strong contrast, all controls within reach of a wheelchair, read aloud. */
export const view = reactive<Record<Mode, boolean>>({ big: false, contrast: false, low: false, spoken: false })
let spokenAsUsual = false

/** Whether this kiosk reads every page aloud until somebody turns it off. */
export function speakAsUsual(on: boolean): void {
  if (on !== spokenAsUsual) view.spoken = on
  spokenAsUsual = on
}

export function turnMode(mode: Mode): void {
  view[mode] = !view[mode]
  show()
}

export function usualView(): void {
  Object.assign(view, { big: false, contrast: false, low: false, spoken: spokenAsUsual })
  show()
}

function show(): void {
  const { dataset } = document.documentElement
  dataset.theme = view.contrast ? 'contrast' : 'light'
  dataset.size = view.big ? 'big' : 'usual'
  dataset.reach = view.low ? 'low' : 'usual'
}
