import { backoffMS, sleep } from './backoff'

const answerWithinMS = 15_000

// Who has touched nothing for a minute is not at the page: what it asks by itself must not keep the session alive.
const atPageMS = 60_000
let touched = Date.now()
for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchstart']) addEventListener(kind, () => (touched = Date.now()), { passive: true, capture: true })

/** The server answered and refused; the message is a sentence for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** No answer: nobody knows whether the request was carried out. */
export class NoAnswer extends Error {}

export interface Options {
  body?: unknown
  key?: string // Idempotency-Key
  token?: string
}

/** A random key for one act. crypto.randomUUID is missing on plain-http pages of the hall's network. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** One request. Resolves to null for 204; throws ApiError or NoAnswer. */
export async function ask<T>(method: string, path: string, options: Options = {}): Promise<T | null> {
  const response = await send(method, path, options)
  if (response.ok) return response.status === 204 ? null : ((await body(response)) as T | null)
  throw await refusal(response)
}

export interface Once {
  key: string
  token?: string // of a device; people have the cookie
  giveUpAfterMS?: number // nobody waits for ever at a kiosk; the same key may be sent later
  onUnsure?: (unsure: boolean) => void // true when an answer stays out, false when it has come
}

/** An act that must happen once: the same key is sent again until there is an answer. */
export async function act<T>(path: string, body: unknown, once: Once): Promise<T | null> {
  const until = Date.now() + (once.giveUpAfterMS ?? Infinity)
  for (let tries = 0; ; tries++) {
    try {
      const answer = await ask<T>('POST', path, { body: body ?? {}, key: once.key, ...(once.token ? { token: once.token } : {}) })
      once.onUnsure?.(false)
      return answer
    } catch (error) {
      const wait = backoffMS(tries)
      if (!mayHaveHappened(error) || Date.now() + wait > until) {
        once.onUnsure?.(false)
        throw error
      }
      once.onUnsure?.(true)
      await sleep(wait)
    }
  }
}

// What the hall, the kiosk's agent or something in between says when the same request should come again.
const notYet = ['', 'hall_unreachable', 'unsure', 'busy']

/** Whether it is unknown what became of the request, because nobody answered, only something in between did, or the hall was stopping. */
export function mayHaveHappened(error: unknown): boolean {
  if (error instanceof NoAnswer) return true
  return error instanceof ApiError && [502, 503, 504].includes(error.status) && notYet.includes(error.code)
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (options.body !== undefined) headers['Content-Type'] = 'application/json'
  if (options.key) headers['Idempotency-Key'] = options.key
  if (options.token) headers['Authorization'] = `Bearer ${options.token}`
  if (Date.now() - touched > atPageMS) headers['X-Yitang-Background'] = '1'
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), answerWithinMS)
  try {
    const payload = options.body === undefined ? null : JSON.stringify(options.body)
    return await fetch(path, { method, headers, body: payload, signal: abort.signal, cache: 'no-store' })
  } catch {
    throw new NoAnswer(path)
  } finally {
    clearTimeout(timer)
  }
}

async function body(response: Response): Promise<unknown> {
  try {
    const text = await response.text()
    return text === '' ? null : JSON.parse(text)
  } catch {
    throw new NoAnswer(response.url)
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const shape = (await body(response).catch(() => null)) as { error?: { code?: string; message?: string } } | null
  return new ApiError(response.status, shape?.error?.code ?? '', shape?.error?.message ?? '')
}
