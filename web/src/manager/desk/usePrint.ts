import { onBeforeUnmount, onMounted, ref, watchEffect, type Ref } from 'vue'

/** Whether the page is laid out for paper just now. */
export function usePrinting(): Ref<boolean> {
  const printing = ref(false)
  const begin = () => (printing.value = true)
  const end = () => (printing.value = false)
  onMounted(() => {
    addEventListener('beforeprint', begin)
    addEventListener('afterprint', end)
  })
  onBeforeUnmount(() => {
    removeEventListener('beforeprint', begin)
    removeEventListener('afterprint', end)
  })
  return printing
}

/** A report on paper: everything that is shut away stands open, and each sheet says whose it is and of which period. */
export function usePrint(head: Ref<string>): void {
  const sheet = new CSSStyleSheet() // the page's policy allows no style element
  watchEffect(() => sheet.replaceSync(`@page { @top-left { content: ${JSON.stringify(head.value)}; } } @page :first { @top-left { content: ""; } }`)) // which says it in large

  let opened: HTMLDetailsElement[] = []

  function unfold(): void {
    opened = [...document.querySelectorAll<HTMLDetailsElement>('details:not([open])')]
    for (const details of opened) details.open = true
  }

  function fold(): void {
    for (const details of opened) details.open = false
  }

  onMounted(() => {
    document.adoptedStyleSheets.push(sheet)
    addEventListener('beforeprint', unfold)
    addEventListener('afterprint', fold)
  })
  onBeforeUnmount(() => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet)
    removeEventListener('beforeprint', unfold)
    removeEventListener('afterprint', fold)
  })
}
