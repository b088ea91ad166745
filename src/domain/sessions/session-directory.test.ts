import { beforeEach, describe, expect, test } from 'vitest'
import { refusalOf } from '../../../test/support/otp-house.ts'
import { sessionAt } from '../../../test/support/sessions.ts'
import type { Session } from './session.ts'
import { openSessionDirectory, type SessionDirectory } from './session-directory.ts'
import type { Revocation } from './session-store.ts'

const start = Date.parse('2026-03-01T12:00:00Z')
const day = 86_400_000

let now: number
let rows: Map<string, Session>
let reads: string[]
let touched: string[]
/** Called with each reading before it answers. */
let meanwhile: () => void | Promise<void>
let directory: SessionDirectory

beforeEach(() => {
  now = start
  rows = new Map()
  reads = []
  touched = []
  meanwhile = () => {}
  directory = openSessionDirectory({
    now: () => now,
    deafAfterMs: 3000,
    sessionStore: {
      readSession: async (id) => {
        reads.push(id)
        const row = rows.get(id)
        await meanwhile()
        return row
      },
      touchSession: async (id) => {
        touched.push(id)
      },
    },
  })
})

/** Lets time pass while the news keep coming. */
function wait(ms: number): void {
  for (const end = now + ms; now < end; ) {
    now = Math.min(end, now + 60_000)
    directory.heardRevocations()
  }
}

function stored(over: Partial<Session> = {}): Session {
  const session = sessionAt(start, over)
  rows.set(session.id, session)
  return session
}

describe('finding a session', () => {
  test('asks the database once, and then answers at once', async () => {
    const session = stored()
    expect(await directory.find(session.id)).toEqual(session)
    expect(directory.find(session.id)).toEqual(session)
    expect(reads).toEqual([session.id])
  })

  test('asks once for however many want it at the same time', async () => {
    const session = stored()
    const found = await Promise.all(Array.from({ length: 50 }, () => directory.find(session.id)))
    expect(found).toEqual(Array(50).fill(session))
    expect(reads).toHaveLength(1)
  })

  test('does not ask again for what is not there', async () => {
    expect(await directory.find('gone')).toBeUndefined()
    expect(directory.find('gone')).toBeUndefined()
    expect(reads).toEqual(['gone'])
  })

  test('does not keep what it could not read', async () => {
    const session = stored()
    meanwhile = () => {
      throw new Error('away')
    }
    await expect(directory.find(session.id)).rejects.toThrow('away')
    meanwhile = () => {}
    expect(await directory.find(session.id)).toEqual(session)
  })

  test('ends with the idle time and with the ceiling', async () => {
    const idle = stored({ idleSeconds: 60, idleEndsAt: start + 60_000 })
    const old = stored({ endsAt: start + 30_000 })
    await directory.find(idle.id)
    await directory.find(old.id)
    now += 29_999
    directory.heardRevocations()
    expect(directory.isLive(old.id)).toBe(true)
    now += 1
    rows.delete(old.id)
    expect(directory.isLive(old.id)).toBe(false)
    expect(await directory.find(old.id)).toBeUndefined()
    expect(directory.isLive(idle.id)).toBe(true)
    wait(60_000)
    rows.delete(idle.id)
    expect(directory.isLive(idle.id)).toBe(false)
    expect(await directory.find(idle.id)).toBeUndefined()
  })

  test('what idled here may have been used elsewhere: the database is asked', async () => {
    const session = stored({ idleSeconds: 60, idleEndsAt: start + 60_000 })
    await directory.find(session.id)
    wait(61_000)
    rows.set(session.id, { ...session, idleEndsAt: start + 100_000 })
    expect(await directory.find(session.id)).toMatchObject({ id: session.id })
    expect(reads).toHaveLength(2)
  })
})

describe('using a session', () => {
  test('slides its idle end, written at most hourly', async () => {
    const session = stored()
    await directory.find(session.id)
    for (let minute = 0; minute < 120; minute += 1) {
      wait(60_000)
      await directory.find(session.id)
    }
    expect(touched).toEqual([session.id])
    wait(29 * day)
    expect(directory.find(session.id)).toBeDefined()
    wait(29 * day)
    expect(directory.find(session.id)).toBeDefined()
    expect(reads).toHaveLength(1)
  })

  test('writes a short session oftener, and never slides past its end', async () => {
    const session = stored({ idleSeconds: 1800, idleEndsAt: start + 1_800_000, endsAt: start + 3_600_000 })
    await directory.find(session.id)
    for (let minute = 0; minute < 59; minute += 1) {
      wait(60_000)
      expect(directory.find(session.id)).toBeDefined()
    }
    expect(touched.length).toBeGreaterThan(10)
    wait(60_000)
    rows.delete(session.id)
    expect(await directory.find(session.id)).toBeUndefined()
  })
})

describe('a revocation', () => {
  test('ends a session at once, for good, and tells whoever listens', async () => {
    const session = stored()
    const heard: Revocation[] = []
    const stop = directory.onRevoked((revocation) => heard.push(revocation))
    await directory.find(session.id)
    directory.revoke({ sessionId: session.id })
    expect(directory.find(session.id)).toBeUndefined()
    expect(directory.isLive(session.id)).toBe(false)
    stop()
    directory.revoke({ sessionId: 'another' })
    expect(heard).toEqual([{ sessionId: session.id }])
    directory.remember(session, directory.mark())
    expect(directory.find(session.id)).toBeUndefined()
  })

  test('of a person makes it ask again, who they are now', async () => {
    const session = stored()
    const other = stored()
    await directory.find(session.id)
    await directory.find(other.id)
    rows.set(session.id, { ...session, person: { ...session.person, role: 'admin' } })
    directory.revoke({ personId: session.person.id })
    expect(await directory.find(session.id)).toMatchObject({ person: { role: 'admin' } })
    expect(reads).toEqual([session.id, other.id, session.id])
  })

  test('of one who is only renamed reaches the next request, and no listener', async () => {
    const session = stored()
    const heard: Revocation[] = []
    directory.onRevoked((revocation) => heard.push(revocation))
    await directory.find(session.id)
    rows.set(session.id, { ...session, person: { ...session.person, name: 'Otra' } })
    directory.revoke({ personId: session.person.id, isRenamed: true })
    expect(await directory.find(session.id)).toMatchObject({ person: { name: 'Otra' } })
    expect(heard).toEqual([])
  })

  test('of one who is only renamed keeps the end of the session in mind', async () => {
    const session = stored({ idleEndsAt: start + 60_000, idleSeconds: 60 })
    await directory.find(session.id)
    directory.revoke({ personId: session.person.id, isRenamed: true })
    expect(directory.isLive(session.id)).toBe(true)
    wait(61_000)
    expect(directory.isLive(session.id)).toBe(false)
  })

  test('that comes while a session is being read makes it be read again', async () => {
    const session = stored()
    meanwhile = () => {
      meanwhile = () => {}
      rows.delete(session.id)
      directory.revoke({ sessionId: session.id })
    }
    expect(await directory.find(session.id)).toBeUndefined()
    expect(directory.find(session.id)).toBeUndefined()

    const changed = stored()
    meanwhile = () => {
      meanwhile = () => {}
      rows.set(changed.id, { ...changed, person: { ...changed.person, role: 'guest' } })
      directory.revoke({ personId: changed.person.id })
    }
    expect(await directory.find(changed.id)).toMatchObject({ person: { role: 'guest' } })
  })

  test('that comes between a sign-in and its being remembered is not forgotten over it', async () => {
    const session = stored()
    const mark = directory.mark()
    rows.delete(session.id)
    directory.revoke({ personId: session.person.id })
    directory.remember(session, mark)
    expect(await directory.find(session.id)).toBeUndefined()
  })
})

describe('a replica that hears nothing', () => {
  test('lets nobody in after three seconds, and everybody again when it hears', async () => {
    const session = stored()
    await directory.find(session.id)
    now += 3000
    expect(directory.find(session.id)).toEqual(session)
    now += 1
    expect(await refusalOf((async () => directory.find(session.id))())).toBe('revocations_unknown')
    directory.heardRevocations()
    expect(directory.find(session.id)).toEqual(session)
  })

  test('believes nothing that it remembers when the silence was long enough for news to be swept away', async () => {
    const session = stored()
    await directory.find(session.id)
    now += 600_001
    directory.heardRevocations()
    rows.delete(session.id)
    expect(await directory.find(session.id)).toBeUndefined()
  })
})
