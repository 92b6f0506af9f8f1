import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { ApiError, ask } from './api'
import { backoffMS } from './backoff'
import { useNow } from './clock'

export type Link = 'connecting' | 'live' | 'away' | 'refused'

export interface Live<T> {
  data: ShallowRef<T | null> // the last state, kept while the server is away
  link: Ref<Link>
  ageS: () => number // seconds since the last sign of life; 0 while live
  offsetMS: Ref<number> // server clock minus this clock
  now: Readonly<Ref<number>> // the server's clock, ticking
  again: () => void // forget a refusal and try anew
  send: (message: unknown) => void // lost while the server is away
}

const silenceMS = 45_000 // after that much silence we ask whether the server still lives
const checkEveryMS = 5_000
const refusedMS = 30_000 // a refusal may be mended at the server: asked again now and then

/**
 * A WebSocket whose every message is the whole newest state. A null path waits.
 * A browser does not say why an upgrade was refused, so after a failed one a plain request to the same address asks.
 */
export function useLive<T extends { at: string }>(path: () => string | null, token: () => string = () => ''): Live<T> {
  const data: ShallowRef<T | null> = shallowRef(null)
  const link = ref<Link>('connecting')
  const offsetMS = ref(0)
  const now = useNow(() => offsetMS.value)
  let socket: WebSocket | null = null
  let timer = 0
  let tries = 0
  let lastSign = Date.now()
  let over = false

  function connect(): void {
    const to = path()
    clearTimeout(timer)
    drop()
    if (!to || over) return
    const mine = new WebSocket(socketURL(to, token()))
    socket = mine
    mine.onmessage = (event) => mine === socket && receive(String(event.data))
    mine.onclose = () => mine === socket && lost()
  }

  function receive(text: string): void {
    const message = parse<T>(text)
    if (!message) return
    tries = 0
    lastSign = Date.now()
    offsetMS.value = Date.parse(message.at) - lastSign
    data.value = message
    link.value = 'live'
  }

  async function lost(): Promise<void> {
    socket = null
    const answered = link.value === 'live'
    if (answered) link.value = 'away'
    const no = !answered && (await refused(path() ?? '', token(), data.value !== null))
    if (over || socket) return
    if (no) link.value = 'refused'
    else if (tries > 0 || link.value !== 'connecting') link.value = 'away'
    timer = window.setTimeout(connect, no ? refusedMS : backoffMS(tries++))
  }

  function drop(): void {
    const old = socket
    socket = null
    old?.close()
  }

  async function listen(): Promise<void> {
    if (link.value !== 'live' || Date.now() - lastSign < silenceMS) return
    if (await alive()) lastSign = Date.now()
    else {
      link.value = 'away'
      connect()
    }
  }

  function again(): void {
    tries = 0
    link.value = 'connecting'
    connect()
  }

  function send(message: unknown): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }

  const watchdog = setInterval(listen, checkEveryMS)
  const online = () => link.value === 'away' && connect()
  window.addEventListener('online', online)
  watch([path, token], again, { immediate: true })
  onScopeDispose(() => {
    over = true
    clearInterval(watchdog)
    clearTimeout(timer)
    window.removeEventListener('online', online)
    drop()
  })

  const ageS = () => (link.value === 'live' ? 0 : Math.max(0, Math.round((now.value - offsetMS.value - lastSign) / 1000)))
  return { data, link, ageS, offsetMS, now, again, send }
}

function socketURL(path: string, token: string): string {
  const url = new URL(path, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  if (token) url.searchParams.set('token', token)
  return url.href
}

function parse<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}

/** A plain request to a socket's address answers 426 to whoever may open it; 401, 403 and 404 say that we may not. */
async function refused(path: string, token: string, known: boolean): Promise<boolean> {
  try {
    await ask('GET', path, { token })
    return false
  } catch (error) {
    if (!(error instanceof ApiError)) return false
    return [401, 403].includes(error.status) || (error.status === 404 && !known)
  }
}

async function alive(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { cache: 'no-store' })).ok
  } catch {
    return false
  }
}
