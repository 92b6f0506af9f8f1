import { onScopeDispose, ref, watch, type Ref, type ShallowRef } from 'vue'
import { keep, read } from '../lib/locale'
import type { Board, Call } from '../lib/wire'
import { Announcer, type Said } from './announcer'

export type Sound = 'on' | 'off' | 'blocked' | 'failed'

const longestMS = 45_000 // of one announcement; then the next one is due whatever the audio element says
const readMS = 4_000 // how long a call that could not be spoken stands as text
const lookMS = 500

/**
 * Speaks the calls one after another: the hall makes the sound, an audio element plays it. Where the browser wants a
 * touch before any sound, sound is "blocked" until somebody touches the screen; the texts go on. A silent page (?sound=off)
 * stands beside a `yitang display` that speaks.
 */
export function useVoice(board: ShallowRef<Board | null>, audio: Ref<HTMLAudioElement | null>, id: string, token: string, silent: boolean) {
  const store = `yitang.said.${id}`
  const announcer = new Announcer(Number(read(store) ?? 0))
  const speaking = ref<Call | null>(null)
  const sound = ref<Sound>('off')
  const behindS = ref(0)
  let over = false

  watch(board, (value) => {
    if (!value || silent) return
    announcer.take(value, performance.now())
    if (!value.voice.on) sound.value = 'off'
    else if (sound.value === 'off') sound.value = 'on'
    if (!speaking.value) void speak()
  })

  async function speak(): Promise<void> {
    if (over || speaking.value) return
    const said = announcer.next(performance.now())
    if (!said) return
    speaking.value = said.call
    try {
      await play(said)
      sound.value = 'on'
      keep(store, String(said.call.seq))
    } catch (error) {
      sound.value = error instanceof DOMException && error.name === 'NotAllowedError' ? 'blocked' : 'failed'
      await new Promise((resolve) => setTimeout(resolve, readMS))
    }
    speaking.value = null
    void speak()
  }

  async function play(said: Said): Promise<void> {
    const element = audio.value
    if (!element || !board.value) throw new Error('no audio element')
    const { call, came, brief } = said
    const query = new URLSearchParams({ token, ...(brief ? { brief: '1' } : {}) })
    element.src = `/api/v1/screens/${encodeURIComponent(id)}/voice/${call.number}/${encodeURIComponent(call.window)}?${query}`
    element.volume = Math.min(1, Math.max(0, board.value.voice.volume / 100))
    const ended = until(element)
    ended.catch(() => undefined) // play may fail first
    await element.play()
    behindS.value = Math.round((performance.now() - came) / 100) / 10
    await ended
  }

  const timer = setInterval(() => void speak(), lookMS)
  onScopeDispose(() => {
    over = true
    clearInterval(timer)
    audio.value?.pause()
  })
  return { speaking, sound, behindS }
}

/** Resolves when the element has played to its end; rejects when it cannot, or takes too long. */
function until(element: HTMLAudioElement): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => () => {
      clearTimeout(timer)
      element.onended = element.onerror = null
      act()
    }
    const timer = setTimeout(() => settle(() => reject(new Error('too long')))(), longestMS)
    element.onended = settle(resolve)
    element.onerror = settle(() => reject(new Error('no sound')))
  })
}
