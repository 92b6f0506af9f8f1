import { nextTick, onScopeDispose, ref, watch } from 'vue'
import { currentLang } from '../lib/locale'
import { view } from './useView'

const settleMS = 250 // a page that is just coming is read once
const longest = 400

/** Reads a page aloud, where the person wants it: all that is marked with data-speak, in its order. The hall makes the sound. */
export function useSpeech(what: () => unknown) {
  const failed = ref(false)
  let audio: AudioContext | null = null
  let playing: AudioBufferSourceNode | null = null
  let timer = 0
  let turn = 0

  function words(): string {
    const list = [...document.querySelectorAll<HTMLElement>('[data-speak]')].map((e) => e.dataset.speak || e.textContent?.trim() || '')
    return list.filter(Boolean).map((text) => (/\p{P}$/u.test(text) ? text : `${text}. `)).join(' ').replace(/[\u2066-\u2069\s]+/g, ' ').slice(0, longest)
  }

  function stop(): void {
    clearTimeout(timer)
    turn++
    playing?.stop()
    playing = null
  }

  async function speak(): Promise<void> {
    stop()
    const mine = turn
    const text = words()
    if (!text) return
    try {
      const answer = await fetch(`/local/speech?${new URLSearchParams({ language: currentLang(), text })}`)
      if (!answer.ok) throw new Error(String(answer.status))
      audio ??= new AudioContext()
      const sound = await audio.decodeAudioData(await answer.arrayBuffer())
      if (mine !== turn) return
      playing = audio.createBufferSource()
      playing.buffer = sound
      playing.connect(audio.destination)
      playing.start()
      failed.value = false
    } catch {
      if (mine === turn) failed.value = true // the text stands on the page all the same
    }
  }

  watch([what, () => view.spoken], async () => {
    stop()
    if (!view.spoken) return
    await nextTick()
    timer = window.setTimeout(() => void speak(), settleMS)
  })
  onScopeDispose(() => {
    stop()
    void audio?.close()
  })
  return { failed, speak }
}
