import type { Board, Call } from '../lib/wire'

// Which call is spoken next. The rules are those of package display, which speaks beside a screen without a browser.

export const behindMS = 10_000 // from then on only what is needed is said
const crowd = 3 // so many waiting calls are a crowd
const freshMS = 30_000 // how old a call may be when a screen that remembers nothing begins
const waitingMost = 512

interface Waiting {
  call: Call
  came: number
}

export interface Said {
  call: Call
  came: number // when it was heard of
  brief: boolean
}

interface Told {
  times: number
  at: number
}

export class Announcer {
  private waiting: Waiting[] = []
  private told = new Map<string, Told>()
  private board: Board | null = null
  private last: number

  /** remembered is the last call that was spoken here before, 0 for none. */
  constructor(remembered: number) {
    this.last = remembered
  }

  /** Learns from a board. Every now is this computer's own clock: it may be wrong, it only must go on. */
  take(board: Board, now: number): void {
    if (this.board && board.seq < this.board.seq) this.forget()
    const begins = !this.board && this.last === 0
    const at = Date.parse(board.at)
    const news = (board.calls ?? [])
      .filter((call) => call.state === 'called' && this.mine(board, call) && call.seq > this.last)
      .filter((call) => !begins || at - Date.parse(call.called_at) <= freshMS)
      .sort((a, b) => a.seq - b.seq)
    news.forEach((call) => this.queue(call, now))
    for (const call of board.calls ?? []) this.last = Math.max(this.last, call.seq)
    this.board = board
    this.clean()
  }

  /** The next call to speak now, or null. The oldest that is still valid; then whoever has not come for a while. */
  next(now: number): Said | null {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      if (this.valid(next.call)) return this.say(next, now, this.waiting.length >= crowd || now - next.came > behindMS)
    }
    const again = this.overdue(now)
    return again ? this.say({ call: again, came: now }, now, false) : null
  }

  private say({ call, came }: Waiting, now: number, brief: boolean): Said {
    const times = Math.max(call.calls, (this.told.get(key(call))?.times ?? 0) + 1)
    this.told.set(key(call), { times, at: now })
    return { call, came, brief }
  }

  /** A recall of a ticket that still waits keeps its place; another ticket at the same window means that it has gone. */
  private queue(call: Call, came: number): void {
    const same = this.waiting.findIndex((other) => other.call.window === call.window)
    const before = this.waiting[same]
    if (before?.call.number === call.number) {
      before.call = call
      return
    }
    if (before) this.waiting.splice(same, 1)
    if (this.waiting.length >= waitingMost) this.waiting.shift()
    this.waiting.push({ call, came })
  }

  private valid(call: Call): boolean {
    return (this.board?.calls ?? []).some((other) => other.seq === call.seq && other.state === 'called')
  }

  /** Who was called some time ago, has not come, and has not been called often enough. */
  private overdue(now: number): Call | null {
    const voice = this.board?.voice
    if (!voice) return null
    const late = (call: Call) => {
      const told = this.told.get(key(call))
      return call.state === 'called' && told !== undefined && told.times < voice.times && now - told.at >= voice.every_s * 1000
    }
    const list = (this.board?.calls ?? []).filter(late)
    return list.sort((a, b) => a.seq - b.seq)[0] ?? null
  }

  private mine(board: Board, call: Call): boolean {
    return board.voice.on && (!board.voice.zone?.length || board.voice.zone.includes(call.window))
  }

  private clean(): void {
    const there = new Set((this.board?.calls ?? []).map(key))
    for (const name of this.told.keys()) if (!there.has(name)) this.told.delete(name)
  }

  private forget(): void {
    this.waiting = []
    this.told.clear()
    this.board = null
    this.last = 0
  }
}

function key(call: Call): string {
  return `${call.number} ${call.window}`
}
