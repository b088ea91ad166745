import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import type { Session } from '../../src/domain/sessions/session.ts'
import {
  atOnce,
  challengeAnswer,
  challengeRequest,
  newCaller,
  newPhone,
  newSession,
  tally,
} from '../support/samples.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of sessions promises (domain/sessions/session-store.ts). */
export function sessionStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of session stores`, () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await open()
    })
    afterAll(() => stores.close(), 60_000)

    const signIn = async (
      phone: PhoneNumber = newPhone(),
      over: Partial<typeof newSession> = {},
    ): Promise<Session> => {
      const asked = await stores.challengeStore.requestChallenge(
        challengeRequest(phone, { resendAfterSeconds: [0] }),
      )
      if (asked.outcome === 'refused') throw new Error('refused')
      const answer = challengeAnswer(phone, asked.seed.challengeId, { session: { ...newSession, ...over } })
      const verified = await stores.challengeStore.verifyChallenge(answer)
      if (verified.outcome !== 'signed_in') throw new Error(verified.outcome)
      return verified.session
    }
    const byOf = (session: Session) => ({ sessionId: session.id, personId: session.person.id })
    const refresh = (id: string, generation: number) =>
      stores.sessionStore.refreshSession(id, generation, 30, 86_400)
    const age = (id: string, columns: string[], seconds: number) =>
      stores.query(
        `update portero.sessions set ${columns.map((c) => `${c} = ${c} - make_interval(secs => $2)`).join(', ')} where id = $1`,
        [id, seconds],
      )
    /** From here on; what the feed repeats from before, because of whoever else is at work on the server, is known. */
    const now = async () => {
      const { next } = await stores.sessionStore.readRevocations(undefined)
      const { revocations } = await stores.sessionStore.readRevocations(next)
      return { next, known: new Set(revocations.map(({ id }) => id)) }
    }
    const newsSince = async (since: { next: string; known: Set<string> }) => {
      const { revocations, next } = await stores.sessionStore.readRevocations(since.next)
      const fresh = revocations.filter(({ id }) => !since.known.has(id))
      return { news: fresh.map(({ id: _, ...revocation }) => revocation), next }
    }

    test('a person with whom plain SQL did away, or whose phone it took, is signed in no more', async () => {
      const excluded = await signIn()
      await stores.query(`update portero.people set state = 'blocked' where id = $1`, [excluded.person.id])
      await stores.query(`update portero.people set state = 'active' where id = $1`, [excluded.person.id])
      const declared = await signIn()
      await stores.query(`update portero.phone_people set belongs = 'declared' where phone = $1`, [
        declared.phone,
      ])
      const detached = await signIn()
      await stores.query('delete from portero.phone_people where phone = $1', [detached.phone])
      for (const session of [excluded, declared, detached]) {
        expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
        expect(await refresh(session.id, 1)).toEqual({ outcome: 'gone' })
      }
    })

    test('a name that another program made too long is cut', async () => {
      const session = await signIn()
      await stores.query('update public.usuarios set nombre = $2 where id = $1', [
        session.person.id,
        'n'.repeat(4000),
      ])
      expect((await stores.sessionStore.readSession(session.id))?.person.name).toBe('n'.repeat(80))
    })

    test('of fifty who end one session, one did', async () => {
      const session = await signIn()
      const ended = await atOnce(50, () => stores.sessionStore.endSession(byOf(session), 'signed_out'))
      expect(ended.filter((did) => did).length).toBe(1)
      expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
    })

    test('nobody ends the session of somebody else', async () => {
      const [session, stranger] = [await signIn(), await signIn()]
      const by = { sessionId: session.id, personId: stranger.person.id }
      expect(await stores.sessionStore.endSession(by, 'signed_out')).toBe(false)
      expect(await stores.sessionStore.readSession(session.id)).toEqual(session)
    })

    test('fifty who end all sessions of a person end each of them once', async () => {
      const phone = newPhone()
      const sessions = [await signIn(phone), await signIn(phone), await signIn(phone)]
      const lists = await atOnce(50, () =>
        stores.sessionStore.endSessions(sessions[0]!.person.id, 'everywhere'),
      )
      expect(lists.flat().sort()).toEqual(sessions.map(({ id }) => id).sort())
      expect(await stores.sessionStore.listSessions(sessions[0]!.person.id)).toEqual([])
    })

    test('fifty refreshes of one token are one new generation, the same for all', async () => {
      const session = await signIn()
      const outcomes = await atOnce(50, () => refresh(session.id, 1))
      expect(
        tally(outcomes.map((one) => `${one.outcome} ${'session' in one ? one.session.generation : ''}`)),
      ).toEqual({
        'refreshed 2': 50,
      })
      const [row] = await stores.query('select generation from portero.sessions where id = $1', [session.id])
      expect(row).toEqual({ generation: 2 })
    })

    test('the last token gives the same next one for thirty seconds, and longer while nothing of that was seen', async () => {
      const session = await signIn()
      await refresh(session.id, 1)
      await stores.sessionStore.markGenerationSeen(session.id, 2)
      await age(session.id, ['refreshed_at'], 25)
      expect(await refresh(session.id, 1)).toMatchObject({ outcome: 'refreshed', session: { generation: 2 } })
      await age(session.id, ['refreshed_at'], 10)
      expect(await refresh(session.id, 1)).toEqual({ outcome: 'reused' })

      const lost = await signIn()
      await refresh(lost.id, 1)
      await age(lost.id, ['refreshed_at'], 86_000)
      expect(await refresh(lost.id, 1)).toMatchObject({ outcome: 'refreshed', session: { generation: 2 } })
      await age(lost.id, ['refreshed_at'], 500)
      expect(await refresh(lost.id, 1)).toEqual({ outcome: 'reused' })
    })

    test('what was seen of another generation says nothing of this one', async () => {
      const session = await signIn()
      await refresh(session.id, 1)
      await stores.sessionStore.markGenerationSeen(session.id, 1)
      expect(await stores.sessionStore.readSession(session.id)).toMatchObject({ isGenerationSeen: false })
      await stores.sessionStore.markGenerationSeen(session.id, 2)
      expect(await stores.sessionStore.readSession(session.id)).toMatchObject({ isGenerationSeen: true })
      expect(await refresh(session.id, 2)).toMatchObject({
        session: { generation: 3, isGenerationSeen: false },
      })
    })

    test('a token from before the last one ends the session, for whoever holds it, and leaves a trace', async () => {
      const session = await signIn()
      await refresh(session.id, 1)
      await refresh(session.id, 2)
      const since = await now()
      const outcomes = await atOnce(20, () => refresh(session.id, 1))
      expect(tally(outcomes.map(({ outcome }) => outcome))).toEqual({ reused: 1, gone: 19 })
      expect(await refresh(session.id, 3)).toEqual({ outcome: 'gone' })
      expect((await newsSince(since)).news).toContainEqual({ sessionId: session.id })
      const log = `select event, outcome from portero.access_log where session_id = $1 and event = 'session_ended'`
      expect(await stores.query(log, [session.id])).toEqual([
        { event: 'session_ended', outcome: 'refresh_reused' },
      ])
    })

    test('a refresh that races the end of the session brings nothing that lives', async () => {
      for (let round = 0; round < 10; round += 1) {
        const session = await signIn()
        await Promise.all([
          stores.sessionStore.endSession(byOf(session), 'signed_out'),
          ...Array.from({ length: 5 }, () => refresh(session.id, 1)),
        ])
        expect(await refresh(session.id, 2)).toEqual({ outcome: 'gone' })
        expect(await refresh(session.id, 1)).toEqual({ outcome: 'gone' })
        expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
      }
    })

    test('a session ends by itself: idle, or at its ceiling, however often it is refreshed', async () => {
      const session = await signIn()
      await age(session.id, ['idle_ends_at'], 30 * 86_400 + 1)
      expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
      expect(await refresh(session.id, 1)).toEqual({ outcome: 'gone' })

      const old = await signIn()
      await age(old.id, ['ends_at'], 180 * 86_400 - 60)
      expect(await refresh(old.id, 1)).toMatchObject({ outcome: 'refreshed' })
      const left = (await stores.sessionStore.readSession(old.id))!.endsAt - Date.now()
      expect(left).toBeLessThan(61_000)
      await age(old.id, ['ends_at'], 61)
      expect(await refresh(old.id, 2)).toEqual({ outcome: 'gone' })
    })

    test('use moves the idle end on, never past the end, and with it the link and a memory that lives', async () => {
      const phone = newPhone()
      const session = await signIn(phone)
      const day = 86_400
      await age(session.id, ['last_seen_at', 'idle_ends_at'], 10 * day)
      await stores.query(
        `update portero.phone_people set last_used_at = last_used_at - interval '10 days' where phone = $1`,
        [phone],
      )
      await stores.query(
        `update public.telefono_usuario set ultimo_acceso = ultimo_acceso - interval '10 days' where telefono = $1`,
        [phone],
      )
      await stores.sessionStore.touchSession(session.id)
      const slid = (await stores.sessionStore.readSession(session.id))!
      expect(Math.abs(slid.idleEndsAt - (Date.now() + 30 * day * 1000))).toBeLessThan(60_000)
      const uses = `select p.last_used_at > now() - interval '1 minute' as link, t.ultimo_acceso > now() - interval '1 minute' as memory
        from portero.phone_people p join public.telefono_usuario t on t.telefono = p.phone where p.phone = $1`
      expect(await stores.query(uses, [phone])).toEqual([{ link: true, memory: true }])

      await stores.query(
        `update public.telefono_usuario set ultimo_acceso = now() - interval '31 days' where telefono = $1`,
        [phone],
      )
      await age(session.id, ['last_seen_at'], 3600)
      await age(session.id, ['ends_at'], 170 * day)
      await stores.sessionStore.touchSession(session.id)
      const capped = (await stores.sessionStore.readSession(session.id))!
      expect(capped.idleEndsAt).toBe(capped.endsAt)
      expect(await stores.query(uses, [phone])).toEqual([{ link: true, memory: false }])
    })

    test('use renews the memory of the phone in any spelling, for as long as that person has', async () => {
      const phone = newPhone()
      const session = await signIn(phone)
      const memory = async (days: number) => {
        await age(session.id, ['last_seen_at'], 3600)
        await stores.query(
          `update public.telefono_usuario set telefono = $2, ultimo_acceso = now() - make_interval(days => $3)
            where regexp_replace(telefono, '\\D', '', 'g') = $1`,
          [phone.slice(1), `${phone.slice(1, 3)} ${phone.slice(3)}`, days],
        )
        await stores.sessionStore.touchSession(session.id)
        const [row] = await stores.query<{ is_new: boolean }>(
          `select ultimo_acceso > now() - interval '1 minute' as is_new from public.telefono_usuario
            where regexp_replace(telefono, '\\D', '', 'g') = $1`,
          [phone.slice(1)],
        )
        return row!.is_new
      }
      expect([await memory(29), await memory(31)]).toEqual([true, false])
      await stores.recognitionStore.setDays(session.person.id, 90)
      expect([await memory(89), await memory(91)]).toEqual([true, false])
      await stores.recognitionStore.setDays(session.person.id, 7)
      expect([await memory(6), await memory(8)]).toEqual([true, false])
    })

    test('a dead session is not brought back by use', async () => {
      const session = await signIn()
      await age(session.id, ['last_seen_at'], 3600)
      await stores.sessionStore.endSession(byOf(session), 'signed_out')
      await stores.sessionStore.touchSession(session.id)
      expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
    })

    test('an administrator’s session is short, also one from before they were one', async () => {
      const session = await signIn()
      await age(session.id, ['started_at'], 3600)
      await stores.peopleStore.changePerson(session.person.id, { role: 'admin' })
      const short = (await stores.sessionStore.readSession(session.id))!
      expect(short.endsAt).toBe(short.startedAt + 12 * 3_600_000)
      await age(session.id, ['started_at'], 11 * 3600)
      expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
      expect(await stores.sessionStore.listSessions(session.person.id)).toEqual([])
      expect(await refresh(session.id, 1)).toEqual({ outcome: 'gone' })
    })

    test('a person lists what is alive, the last used first', async () => {
      const phone = newPhone()
      const [first, second, third] = [
        await signIn(phone),
        await signIn(phone),
        await signIn(phone, { isShared: true }),
      ]
      await stores.sessionStore.endSession(byOf(second), 'signed_out')
      await age(third.id, ['last_seen_at'], 60)
      const list = await stores.sessionStore.listSessions(first.person.id)
      expect(list.map(({ id, isShared }) => ({ id, isShared }))).toEqual([
        { id: first.id, isShared: false },
        { id: third.id, isShared: true },
      ])
    })

    test('whatever ends a session, or changes its person, stands in the feed: also plain SQL', async () => {
      const feed = async (work: (session: Session) => Promise<unknown>) => {
        const session = await signIn()
        const since = await now()
        await work(session)
        return {
          ...(await newsSince(since)),
          session,
          person: { personId: session.person.id, isRenamed: false },
        }
      }
      const sql = (text: string) => (session: Session) => stores.query(text, [session.person.id])
      const signedOut = await feed((session) => stores.sessionStore.endSession(byOf(session), 'signed_out'))
      expect(signedOut.news).toEqual([{ sessionId: signedOut.session.id }])
      const blocked = await feed((session) => stores.peopleStore.setState(session.person.id, 'blocked'))
      expect(blocked.news).toEqual(
        expect.arrayContaining([{ sessionId: blocked.session.id }, blocked.person]),
      )
      const promoted = await feed((session) =>
        stores.peopleStore.changePerson(session.person.id, { role: 'admin' }),
      )
      expect(promoted.news).toEqual([promoted.person])
      const regrouped = await feed(sql(`update portero.people set groups = '{a}' where id = $1`))
      expect(regrouped.news).toEqual([regrouped.person])
      const renamed = await feed(sql(`update public.usuarios set nombre = 'Otra' where id = $1`))
      expect(renamed.news).toEqual([{ ...renamed.person, isRenamed: true }])
      const deleted = await feed(sql('delete from public.usuarios where id = $1'))
      expect(deleted.news).toEqual(
        expect.arrayContaining([{ sessionId: deleted.session.id }, deleted.person]),
      )
      const removed = await feed(sql('delete from portero.sessions where person_id = $1'))
      expect(removed.news).toEqual([{ sessionId: removed.session.id }])
      const untouched = await feed((session) =>
        stores.peopleStore.changePerson(session.person.id, { groups: [] }),
      )
      expect(untouched.news).toEqual([])
    })

    test('the feed misses nothing of a slow transaction with a small number', async () => {
      const [slowOne, fastOne] = [await signIn(), await signIn()]
      const start = await now()
      const slow = new pg.Client({ connectionString: stores.url })
      await slow.connect()
      try {
        await slow.query('begin')
        await slow.query(`update portero.sessions set ended_at = now() where id = $1`, [slowOne.id])
        await stores.sessionStore.endSession(byOf(fastOne), 'signed_out')
        const first = await newsSince(start)
        expect(first.news).toEqual([{ sessionId: fastOne.id }])
        const second = await newsSince({ ...start, next: first.next })
        expect(second.news).not.toContainEqual({ sessionId: slowOne.id })
        await slow.query('commit')
        const third = await newsSince({ ...start, next: second.next })
        expect(third.news).toContainEqual({ sessionId: slowOne.id })
      } finally {
        await slow.end()
      }
    })

    test('a forgotten browser is unknown for every phone', async () => {
      const [one, other] = [newPhone(), newPhone()]
      const secret = randomBytes(32)
      await signIn(one, { newDeviceHash: secret })
      const id = await stores.challengeStore.requestChallenge(
        challengeRequest(other, { caller: newCaller() }),
      )
      if (id.outcome === 'refused') throw new Error('refused')
      const session = { ...newSession, newDeviceHash: randomBytes(32) }
      const answer = challengeAnswer(other, id.seed.challengeId, { deviceHash: secret, session })
      expect(await stores.challengeStore.verifyChallenge(answer)).toMatchObject({ isNewDevice: false })
      const known = 'select phone from portero.devices where secret_hash = $1 order by phone'
      expect(await stores.query(known, [secret])).toEqual([one, other].sort().map((phone) => ({ phone })))
      await stores.sessionStore.forgetDevice(secret)
      expect(await stores.query(known, [secret])).toEqual([])
    })
  })
}
