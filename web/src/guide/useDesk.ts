import { reactive, ref, shallowRef } from 'vue'
import { act, ask, mayHaveHappened, newKey } from '../lib/api'
import { wordsOf } from '../lib/errors'
import type { Appointment, AppointmentList, Lang, Priority, Ticket } from '../lib/wire'

export interface Form {
  matters: string[]
  number: string
  kind: 'none' | 'id' | 'company'
  priority: Priority
  language: Lang
}

const giveUpAfterMS = 30_000
const fresh = (): Form => ({ matters: [], number: '', kind: 'none', priority: 'ordinary', language: 'zh' })

/** What the guide desk does: a ticket for somebody, a missed number back in its place, an answered call for help. */
export function useDesk() {
  const form = reactive<Form>(fresh())
  const issued = ref<Ticket | null>(null)
  const visits = shallowRef<AppointmentList | null>(null)
  const busy = ref(false)
  const problem = ref('')
  let key = ''

  async function once(work: () => Promise<void>): Promise<void> {
    if (busy.value) return
    busy.value = true
    problem.value = ''
    try {
      await work()
    } catch (error) {
      if (!mayHaveHappened(error)) key = ''
      problem.value = wordsOf(error)
    } finally {
      busy.value = false
    }
  }

  function take(): Promise<void> {
    return once(async () => {
      const person = form.kind === 'none' ? { kind: 'none' } : { kind: form.kind, number: form.number.trim() }
      const body = { matters: form.matters, person, priority: form.priority, language: form.language }
      issued.value = await act<Ticket>('/api/v1/tickets', body, { key: key || (key = newKey()), giveUpAfterMS })
      key = ''
      Object.assign(form, fresh())
    })
  }

  function reactivate(ticket: Ticket): Promise<void> {
    return once(async () => void (await act(`/api/v1/tickets/${ticket.id}/reactivate`, {}, { key: newKey(), giveUpAfterMS })))
  }

  /** Somebody has seen the proof: only the class goes to the hall. */
  function mark(ticket: Ticket, priority: Priority): Promise<void> {
    return once(async () => void (await act(`/api/v1/tickets/${ticket.id}/priority`, { priority }, { key: newKey(), giveUpAfterMS })))
  }

  async function readVisits(): Promise<void> {
    visits.value = await ask<AppointmentList>('GET', '/api/v1/appointments')
  }

  /** Staff may check in early, or after the time: then the person queues from now on. */
  function checkIn(one: Appointment): Promise<void> {
    return once(async () => {
      issued.value = await act<Ticket>('/api/v1/tickets', { matters: [], appointment: one.id }, { key: newKey(), giveUpAfterMS })
      await readVisits()
    })
  }

  /** The paper comes out of the desk's own printer, through the browser; the hall hears of it. */
  function printed(ticket: Ticket): Promise<void> {
    issued.value = ticket
    return once(async () => void (await act(`/api/v1/tickets/${ticket.id}/prints`, { state: 'sent', reason: 'guide_desk' }, { key: newKey(), giveUpAfterMS })))
  }

  function answered(device: string): Promise<void> {
    return once(async () => void (await ask('POST', `/api/v1/devices/${encodeURIComponent(device)}/parts/guide`, { body: { state: 'up' }, key: newKey() })))
  }

  return { form, issued, visits, busy, problem, mark, readVisits, checkIn, take, reactivate, printed, answered }
}
