import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import type { Session } from '../../src/domain/sessions/session.ts'
import type { PersonSwitch } from '../../src/domain/sessions/session-store.ts'
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

/** What every store of sessions promises about phones that several people share (domain/sessions/session-store.ts). */
export function switchPersonContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} changes from one person of a phone to another`, () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await open()
    })
    afterAll(() => stores.close(), 60_000)

    const addBeside = async (phone: PhoneNumber, ...names: string[]) => {
      const added = []
      for (const one of names) added.push(await stores.peopleStore.addPersonBeside(phone, { name: one }, 180))
      return added.map(({ id }) => id)
    }
    const verify = async (
      phone: PhoneNumber,
      over: Partial<typeof newSession> = {},
      deviceHash: Buffer | undefined = undefined,
    ) => {
      const asked = await stores.challengeStore.requestChallenge(
        challengeRequest(phone, { resendAfterSeconds: [0] }),
      )
      if (asked.outcome === 'refused') throw new Error('refused')
      const session = { ...newSession, ...over }
      const verified = await stores.challengeStore.verifyChallenge(
        challengeAnswer(phone, asked.seed.challengeId, { session, deviceHash }),
      )
      if (verified.outcome !== 'signed_in') throw new Error(verified.outcome)
      return verified
    }
    /** Three people of one phone, and a session of the first. */
    const family = async (over: Partial<typeof newSession> = {}) => {
      const phone = newPhone()
      const ids = await addBeside(phone, 'Ana Souza', 'Bruno Souza', 'Lucía Souza')
      const { session } = await verify(phone, over)
      return { phone, session, ana: ids[0]!, bruno: ids[1]!, lucia: ids[2]! }
    }
    const change = (session: Session, personId: string, over: Partial<PersonSwitch> = {}) =>
      stores.sessionStore.switchPerson({
        ...{ sessionId: session.id, personId, idleLinkDays: 180, sessionsMax: 20, caller: newCaller() },
        ...over,
      })
    const changed = async (session: Session, personId: string, over: Partial<PersonSwitch> = {}) => {
      const result = await change(session, personId, over)
      if (result.outcome !== 'switched') throw new Error(result.outcome)
      return result
    }
    const live = (phone: PhoneNumber) =>
      stores.query<{ id: string; person_id: string }>(
        'select id, person_id from portero.live_sessions where phone = $1',
        [phone],
      )
    const past = (phone: PhoneNumber, seconds: number) =>
      stores.query(
        `update portero.sessions set ${['started_at', 'proved_at', 'last_seen_at', 'ends_at']
          .map((column) => `${column} = ${column} - make_interval(secs => $2)`)
          .join(', ')} where phone = $1 and ended_at is null`,
        [phone, seconds],
      )

    test('a code opens whoever it opened before somebody was put beside them, and names the others', async () => {
      const phone = newPhone()
      const first = (await verify(phone)).session.person.id
      const [second, third] = await addBeside(phone, 'Bruno Souza', 'Lucía Souza')
      const verified = await verify(phone)
      expect(verified.session.person.id).toBe(first)
      expect(new Set(verified.others.map(({ id }) => id))).toEqual(new Set([second, third]))
      const others = await stores.sessionStore.listOthers(verified.session.id, 180)
      expect(others).toEqual([
        { id: third, name: 'Lucía Souza' },
        { id: second, name: 'Bruno Souza' },
      ])
    })

    test('of fifty who put one name beside, one did; another name is another person', async () => {
      const phone = newPhone()
      const added = await atOnce(50, () => addBeside(phone, 'Ana Souza'))
      expect(new Set(added.flat()).size).toBe(1)
      await addBeside(phone, 'Ana Souza', 'Ana')
      expect((await stores.peopleStore.findByPhone(phone)).map((person) => person.name).sort()).toEqual([
        'Ana',
        'Ana Souza',
      ])
    })

    test('the old session ends, and the new one has its device, proof, age and end', async () => {
      const phone = newPhone()
      await addBeside(phone, 'Ana Souza', 'Lucía Souza')
      const hash = randomBytes(32)
      const { session, others } = await verify(phone, { newDeviceHash: hash, idleSeconds: 86_400 })
      await past(phone, 3600)
      const old = (await stores.sessionStore.readSession(session.id))!
      const since = await stores.sessionStore.readRevocations(undefined)
      const { session: next, others: left } = await changed(session, others[0]!.id)

      expect(next).toMatchObject({
        person: { id: others[0]!.id, name: others[0]!.name },
        ...{ phone, startedAt: old.startedAt, provedAt: old.provedAt, amr: old.amr, endsAt: old.endsAt },
        ...{ isShared: false, idleSeconds: 86_400, generation: 1 },
      })
      expect(next.id).not.toBe(old.id)
      expect(left).toEqual([{ id: old.person.id, name: old.person.name }])
      expect(await stores.sessionStore.readSession(old.id)).toBeUndefined()
      expect(await stores.sessionStore.readSession(next.id)).toEqual(next)
      expect(await stores.sessionStore.refreshSession(old.id, 1, 30, 86_400)).toEqual({ outcome: 'gone' })
      const { revocations } = await stores.sessionStore.readRevocations(since.next)
      expect(revocations).toContainEqual({ id: expect.any(String), sessionId: old.id })
      expect(
        await stores.query(
          `select d.person_id, d.id = s.device_id as is_same from portero.devices d
             join portero.sessions s on s.id = $1 where d.secret_hash = $2`,
          [next.id, hash],
        ),
      ).toEqual([{ person_id: next.person.id, is_same: true }])
    })

    test('whoever was chosen is the one whom the next code opens, and whom the bot remembers', async () => {
      const { phone, session, lucia } = await family()
      await changed(session, lucia)
      expect((await verify(phone)).session.person.id).toBe(lucia)
      expect(
        await stores.query('select usuario_id from public.telefono_usuario where telefono = $1', [phone]),
      ).toEqual([{ usuario_id: lucia }])
    })

    test('a live memory of somebody who only typed a document stays theirs', async () => {
      const { phone, session, lucia } = await family()
      const [declared] = await stores.query<{ id: string }>(
        `insert into public.usuarios (nombre) values ('Rita') returning id`,
      )
      await stores.query(
        'update public.telefono_usuario set usuario_id = $2, ultimo_acceso = now() where telefono = $1',
        [phone, declared!.id],
      )
      await changed(session, lucia)
      expect(
        await stores.query('select usuario_id from public.telefono_usuario where telefono = $1', [phone]),
      ).toEqual([{ usuario_id: declared!.id }])
    })

    test('of fifty who switch one session at once to two people, one did, and one session lives', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { phone, session, bruno, lucia } = await family()
        const results = await atOnce(50, (i) => change(session, i % 2 === 0 ? bruno : lucia))
        expect(tally(results.map(({ outcome }) => outcome))).toEqual({ switched: 1, gone: 49 })
        const winner = results.find((result) => result.outcome === 'switched')!
        expect(await live(phone)).toEqual([{ id: winner.session.id, person_id: winner.session.person.id }])
      }
    })

    test('one that races the end of the session, or of the person, leaves nothing that should not live', async () => {
      for (let round = 0; round < 10; round += 1) {
        const { phone, session, lucia } = await family()
        const [result] = await Promise.all([
          change(session, lucia),
          stores.sessionStore.endSession(
            { sessionId: session.id, personId: session.person.id },
            'signed_out',
          ),
        ])
        expect((await live(phone)).length).toBe(result.outcome === 'switched' ? 1 : 0)

        const other = await family()
        await Promise.all([
          change(other.session, other.lucia),
          stores.peopleStore.setState(other.lucia, 'blocked'),
        ])
        expect((await live(other.phone)).filter((row) => row.person_id === other.lucia)).toEqual([])

        const third = await family()
        await Promise.all([
          change(third.session, third.lucia),
          stores.query('delete from public.usuarios where id = $1', [third.lucia]),
        ])
        expect((await live(third.phone)).filter((row) => row.person_id === third.lucia)).toEqual([])
      }
    })

    test('forgetting the device meanwhile stands in nobody’s way', async () => {
      for (let round = 0; round < 10; round += 1) {
        const phone = newPhone()
        await addBeside(phone, 'Ana Souza', 'Lucía Souza')
        const hash = randomBytes(32)
        const { session, others } = await verify(phone, { newDeviceHash: hash })
        const [result] = await Promise.all([
          change(session, others[0]!.id),
          stores.sessionStore.forgetDevice(hash),
        ])
        expect(result.outcome).toBe('switched')
        expect((await live(phone)).length).toBe(1)
      }
    })

    test('nobody can be chosen who is not attested on this phone, active, and here lately; nothing changes', async () => {
      const { phone, session, ana, bruno, lucia } = await family()
      const stranger = (await verify(newPhone())).session.person.id
      const [declared] = await stores.query<{ id: string }>(
        `insert into public.usuarios (nombre) values ('Rita') returning id`,
      )
      await stores.query(
        `insert into portero.phone_people (phone, person_id, belongs) values ($1, $2, 'declared')`,
        [phone, declared!.id],
      )
      await stores.peopleStore.setState(bruno, 'blocked')
      await stores.query(
        `update portero.phone_people set last_used_at = now() - interval '181 days' where person_id = $1`,
        [lucia],
      )
      const wanted = [stranger, declared!.id, bruno, lucia, ana, crypto.randomUUID()]
      for (const personId of wanted) expect(await change(session, personId)).toEqual({ outcome: 'not_here' })
      expect(await stores.sessionStore.listOthers(session.id, 180)).toEqual([])
      expect(await live(phone)).toEqual([{ id: session.id, person_id: ana }])
      expect(await stores.query('select from portero.people where id = $1', [declared!.id])).toEqual([])
      const log = `select outcome, count(*)::int as n from portero.access_log
        where event = 'person_switched' and session_id = $1 and reference = 'T-1' group by outcome`
      expect(await stores.query(log, [session.id])).toEqual([{ outcome: 'not_here', n: wanted.length }])
    })

    test('a browser that signed in as somebody who was long away may choose them', async () => {
      const { phone, lucia } = await family()
      const hash = randomBytes(32)
      const { session } = await verify(phone, { newDeviceHash: hash })
      const first = await changed(session, lucia)
      const ana = first.others.find(({ name }) => name === 'Ana Souza')!.id
      await stores.query(
        `update portero.phone_people set last_used_at = now() - interval '181 days' where person_id = $1`,
        [lucia],
      )
      await stores.query('update portero.sessions set person_id = $2 where id = $1', [first.session.id, ana])
      expect((await stores.sessionStore.listOthers(first.session.id, 180)).map(({ id }) => id)).toContain(
        lucia,
      )
      expect((await change(first.session, lucia)).outcome).toBe('switched')
    })

    test.each([false, true])(
      'who is named at the sign-in may be chosen, and nobody else: shared %s',
      async (isShared) => {
        const { phone, ana, bruno, lucia } = await family()
        const hash = randomBytes(32)
        const { session: first } = await verify(phone, { newDeviceHash: hash })
        await changed(first, lucia)
        // The browser that was hers last comes back when she was away for too long, and it is another whom the code opens.
        await stores.query(
          `update portero.phone_people set last_used_at = now() - interval '181 days' where person_id = $1`,
          [lucia],
        )
        const verified = await verify(phone, { isShared }, hash)
        expect(verified.session.person.id).not.toBe(lucia)
        expect(verified.others).toEqual(await stores.sessionStore.listOthers(verified.session.id, 180))
        const named = verified.others.map(({ id }) => id)
        const left = [ana, bruno, lucia].filter(
          (id) => id !== verified.session.person.id && !named.includes(id),
        )
        for (const id of left) expect((await change(verified.session, id)).outcome).toBe('not_here')
        let { session } = verified
        for (const id of named) session = (await changed(session, id)).session
        expect([named.length, left]).toEqual([1, [lucia]])
      },
    )

    test('an administrator’s shorter life counts from the proof, there and back', async () => {
      const { phone, session, ana, lucia } = await family()
      await stores.peopleStore.changePerson(lucia, { role: 'admin' })
      await past(phone, 3600)
      const asAdmin = (await changed(session, lucia)).session
      expect(asAdmin.endsAt).toBe(asAdmin.startedAt + 12 * 3_600_000)
      const back = (await changed(asAdmin, ana)).session
      expect(back.endsAt).toBe(asAdmin.endsAt)
      expect(back.provedAt).toBe(asAdmin.provedAt)

      const old = await family()
      await stores.peopleStore.changePerson(old.lucia, { role: 'admin' })
      await past(old.phone, 12 * 3600)
      expect(await change(old.session, old.lucia)).toEqual({ outcome: 'proof_too_old' })
      expect(await live(old.phone)).toEqual([{ id: old.session.id, person_id: old.ana }])
    })

    test('a shared computer stays one, and use does not outlive the end', async () => {
      const { phone, session, lucia } = await family({
        ...{ isShared: true, idleSeconds: 1800, lifeSeconds: 8 * 3600 },
      })
      await past(phone, 8 * 3600 - 60)
      const { session: next } = await changed(session, lucia)
      expect(next).toMatchObject({ isShared: true, idleSeconds: 1800 })
      expect(next.idleEndsAt).toBe(next.endsAt)
      expect(next.endsAt - Date.now()).toBeLessThan(61_000)
    })

    test('who has as many sessions as they may loses the oldest', async () => {
      const { phone, session, lucia } = await family()
      const { session: next } = await changed(session, lucia)
      const again = await verify(phone)
      const [back] = again.others
      const { session: other } = await changed(again.session, back!.id)
      await changed(other, lucia, { sessionsMax: 1 })
      expect(await stores.sessionStore.readSession(next.id)).toBeUndefined()
      expect((await live(phone)).map((row) => row.person_id)).toEqual([lucia])
    })

    test('each switch is a line in the access log', async () => {
      const { session, lucia } = await family()
      const { session: next } = await changed(session, lucia, { caller: newCaller({ reference: 'T-9' }) })
      expect(
        await stores.query(
          `select event, outcome, door, person_id, reference from portero.access_log where session_id = $1`,
          [next.id],
        ),
      ).toEqual([
        { event: 'person_switched', outcome: 'switched', door: 'api', person_id: lucia, reference: 'T-9' },
      ])
      expect(
        await stores.query(
          `select outcome from portero.access_log where session_id = $1 and event = 'session_ended'`,
          [session.id],
        ),
      ).toEqual([{ outcome: 'switched' }])
    })
  })
}
