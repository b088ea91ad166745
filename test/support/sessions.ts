import { randomUUID } from 'node:crypto'
import type { Person } from '../../src/domain/people/person.ts'
import { canonicalPhone } from '../../src/domain/phones/phone-number.ts'
import type { Session } from '../../src/domain/sessions/session.ts'

const day = 86_400_000

/** A living session of somebody, begun at `at` (ms). */
export function sessionAt(at: number, over: Partial<Session> = {}, person: Partial<Person> = {}): Session {
  return {
    id: randomUUID(),
    person: {
      ...{ id: randomUUID(), name: 'Ana Souza', role: 'user', groups: ['staff'], state: 'active' },
      email: 'u-0@people.example',
      ...person,
    },
    phone: canonicalPhone('+5511961234567'),
    ...{ startedAt: at, provedAt: at, amr: ['otp', 'sms'], idleSeconds: 30 * 86_400 },
    ...{ idleEndsAt: at + 30 * day, endsAt: at + 180 * day, isShared: false },
    ...{ generation: 1, isGenerationSeen: false },
    ...over,
  }
}
