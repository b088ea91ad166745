import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { atOnce, challengeAnswer, challengeRequest, newPhone, tally } from '../support/samples.ts'
import { signedIn } from '../support/signed-in.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of people promises (domain/people/people-store.ts). */
export function peopleStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of people stores`, () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await open()
    })
    afterAll(() => stores.close(), 60_000)

    test('fifty who add one phone at once add one person, and one of them is told so', async () => {
      const phone = newPhone()
      const added = await atOnce(50, (i) => stores.peopleStore.addPerson(phone, { name: `Ana ${i}` }))
      expect(new Set(added.map(({ id }) => id)).size).toBe(1)
      expect(added.filter(({ isNew }) => isNew).length).toBe(1)
      expect((await stores.peopleStore.findByPhone(phone)).length).toBe(1)
    })

    test('a person who is added while they sign in for the first time is one person', async () => {
      for (let round = 0; round < 10; round += 1) {
        const phone = newPhone()
        const asked = await stores.challengeStore.requestChallenge(challengeRequest(phone))
        if (asked.outcome === 'refused') throw new Error('refused')
        const answer = challengeAnswer(phone, asked.seed.challengeId)
        await Promise.all([
          stores.challengeStore.verifyChallenge(answer),
          ...Array.from({ length: 5 }, () => stores.peopleStore.addPerson(phone, {})),
        ])
        expect((await stores.peopleStore.findByPhone(phone)).length).toBe(1)
      }
    })

    test('keeps what it is told, in the columns that others read', async () => {
      const phone = newPhone()
      const { id } = await stores.peopleStore.addPerson(phone, {
        ...{ name: 'Juan Carlos Pérez', role: 'user', groups: ['staff', 'a,b'] },
      })
      const [person] = await stores.peopleStore.findByPhone(phone)
      expect(person).toEqual({
        ...{ id, name: 'Juan Carlos Pérez', role: 'user', groups: ['staff', 'a,b'], state: 'active' },
        email: expect.stringMatching(/^u-[\da-f]{32}@people\.example$/),
        createdAt: expect.any(Date),
        phones: [{ phone, belongs: 'attested', provedAt: undefined }],
      })
      expect(
        await stores.query('select nombre, apellido, dni from public.usuarios where id = $1', [id]),
      ).toEqual([{ nombre: 'Juan', apellido: 'Carlos Pérez', dni: null }])
    })

    test('changes what it is given and leaves the rest; a role can be taken away', async () => {
      const phone = newPhone()
      const { id } = await stores.peopleStore.addPerson(phone, { name: 'Ana', role: 'admin', groups: ['x'] })
      await stores.peopleStore.changePerson(id, { name: 'Ana Souza' })
      expect(await stores.peopleStore.findByPhone(phone)).toMatchObject([
        { name: 'Ana Souza', role: 'admin', groups: ['x'] },
      ])
      await stores.peopleStore.changePerson(id, { role: undefined, groups: [] })
      expect(await stores.peopleStore.findByPhone(phone)).toMatchObject([
        { name: 'Ana Souza', role: undefined, groups: [] },
      ])
    })

    test('a person whom only the organisation’s table knows is active and can be changed and blocked', async () => {
      const [row] = await stores.query<{ id: string }>(
        `insert into public.usuarios (nombre, apellido, dni) values ('Luz', 'Paz', '30111222') returning id`,
      )
      const everybody = await stores.peopleStore.listPeople({})
      expect(everybody.find(({ id }) => id === row!.id)).toMatchObject({
        ...{ name: 'Luz Paz', state: 'active', role: undefined, groups: [], phones: [] },
      })
      await stores.peopleStore.changePerson(row!.id, { groups: ['g'] })
      await stores.peopleStore.setState(row!.id, 'blocked')
      const blocked = await stores.peopleStore.listPeople({ state: 'blocked' })
      expect(blocked.find(({ id }) => id === row!.id)).toMatchObject({ name: 'Luz Paz', groups: ['g'] })
      expect(blocked.every(({ state }) => state === 'blocked')).toBe(true)
    })

    test('of fifty who are joined to one address at once one gets it, and their sessions end', async () => {
      const people = await atOnce(50, () => stores.peopleStore.addPerson(newPhone(), {}))
      const joined = await atOnce(50, (i) =>
        stores.peopleStore.joinAddress(people[i]!.id, 'shared@example.org'),
      )
      expect(tally(joined.map(({ outcome }) => outcome))).toEqual({ joined: 1, taken: 49 })

      const session = await signedIn(stores)
      const { id, email } = session.person
      expect(await stores.peopleStore.joinAddress(id, 'ana@example.org')).toEqual({
        ...{ outcome: 'joined', endedSessions: 1 },
      })
      expect(await stores.peopleStore.joinAddress(id, 'ana@example.org')).toEqual({ outcome: 'unchanged' })
      const again = await signedIn(stores, session.phone)
      expect(again.person.email).toBe('ana@example.org')
      expect(await stores.sessionStore.readSession(again.id)).toMatchObject({
        person: { email: 'ana@example.org' },
      })
      expect(await stores.peopleStore.findByPhone(session.phone)).toMatchObject([
        { email: 'ana@example.org', appEmail: 'ana@example.org' },
      ])
      expect(await stores.peopleStore.joinAddress(people[0]!.id, email)).toEqual({ outcome: 'taken' })
      expect(await stores.peopleStore.joinAddress(id, undefined)).toMatchObject({ outcome: 'joined' })
      expect(await stores.peopleStore.findByPhone(session.phone)).toMatchObject([{ email }])
    })

    test('every state but active ends the sessions in the same step', async () => {
      for (const state of ['waiting', 'blocked', 'rejected'] as const) {
        const phone = newPhone()
        const asked = await stores.challengeStore.requestChallenge(challengeRequest(phone))
        if (asked.outcome === 'refused') throw new Error('refused')
        const verified = await stores.challengeStore.verifyChallenge(
          challengeAnswer(phone, asked.seed.challengeId),
        )
        if (verified.outcome !== 'signed_in') throw new Error(verified.outcome)
        const { session } = verified
        await stores.peopleStore.setState(session.person.id, state)
        expect(
          await stores.query('select ended_why from portero.sessions where id = $1', [session.id]),
        ).toEqual([{ ended_why: state }])
        await stores.peopleStore.setState(session.person.id, 'active')
        expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
      }
    })
  })
}
