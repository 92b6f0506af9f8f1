import { onScopeDispose, shallowRef } from 'vue'
import type { Screen } from '../lib/wire'

/** In the manager's editor the page shows the draft that the editor sends it, on the hall's live calls. */
export function useDraft(preview: boolean) {
  const draft = shallowRef<Screen | null>(null)
  const take = (event: MessageEvent) => {
    const message = event.data as { draft?: Screen } | null
    if (event.origin === location.origin && message?.draft) draft.value = message.draft
  }
  if (preview) {
    addEventListener('message', take)
    window.parent.postMessage({ ready: true }, location.origin)
  }
  onScopeDispose(() => removeEventListener('message', take))
  return draft
}
