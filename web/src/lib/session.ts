import { ref } from 'vue'
import { ApiError, NoAnswer, ask } from './api'
import { backoffMS, sleep } from './backoff'
import type { Session } from './wire'

export type Known = 'asking' | 'out' | 'in' | 'wrong_role'

/** The password was given out by somebody else: nothing works until it is changed. */
export class MustChange extends Error {}

/** Who is logged in at this browser (the server's cookie); the page is for the given roles only. */
export function useSession(roles: Session['role'][]) {
  const session = ref<Session | null>(null)
  const known = ref<Known>('asking')

  function take(who: Session | null): void {
    session.value = who
    if (!who) known.value = 'out'
    else known.value = roles.includes(who.role) ? 'in' : 'wrong_role'
  }

  async function check(tries = 0): Promise<void> {
    try {
      const who = await ask<Session>('GET', '/api/v1/session')
      take(who?.must_change ? null : who)
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) return take(null)
      if (!(error instanceof NoAnswer) && !(error instanceof ApiError)) throw error
      await sleep(backoffMS(tries))
      await check(tries + 1)
    }
  }

  async function login(user: string, password: string): Promise<void> {
    const who = await ask<Session>('POST', '/api/v1/sessions', { body: { user, password } })
    if (who?.must_change) throw new MustChange()
    take(who)
  }

  async function logout(): Promise<void> {
    try {
      await ask('DELETE', '/api/v1/session')
    } finally {
      take(null)
    }
  }

  void check()
  return { session, known, login, logout, check }
}
