import { onBeforeUnmount, onMounted, watchEffect, type Ref } from 'vue'

/** A report on paper: everything that is shut away stands open, and each sheet says whose it is and of which period. */
export function usePrint(head: Ref<string>): void {
  const sheet = new CSSStyleSheet() // the page's policy allows no style element
  watchEffect(() => sheet.replaceSync(`@page { @top-left { content: ${JSON.stringify(head.value)}; } }`))

  function unfold(): void {
    for (const details of document.querySelectorAll('details')) details.open = true
  }

  onMounted(() => {
    document.adoptedStyleSheets.push(sheet)
    addEventListener('beforeprint', unfold)
  })
  onBeforeUnmount(() => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet)
    removeEventListener('beforeprint', unfold)
  })
}
