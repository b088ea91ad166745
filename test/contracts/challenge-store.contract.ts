import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChallengeRequested } from '../../src/domain/otp/challenge-store.ts'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import {
  atOnce,
  challengeAnswer,
  challengeRequest,
  newAddress,
  newCaller,
  newPhone,
  newSession,
  proofs,
  tally,
  wideBudgets,
} from '../support/samples.ts'
import { type Stores, storesOn } from '../support/stores.ts'

/** What every store of challenges promises (domain/otp/challenge-store.ts), under many callers at once. */
export function challengeStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of challenge stores`, () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await open()
    })
    afterAll(() => stores.close(), 60_000)

    const request = (...args: Parameters<typeof challengeRequest>) =>
      stores.challengeStore.requestChallenge(challengeRequest(...args))
    const verify = (...args: Parameters<typeof challengeAnswer>) =>
      stores.challengeStore.verifyChallenge(challengeAnswer(...args))
    const idOf = (answer: ChallengeRequested): string => {
      if (answer.outcome === 'refused') throw new Error('refused')
      return answer.seed.challengeId
    }
    const count = async (table: string, phone: PhoneNumber, where = 'true'): Promise<number> => {
      const [row] = await stores.query<{ n: number }>(
        `select count(*)::int as n from portero.${table} where phone = $1 and ${where}`,
        [phone],
      )
      return row!.n
    }

    test('of a hundred right codes at once, one opens a session', async () => {
      const phone = newPhone()
      const id = idOf(await request(phone))
      const outcomes = await atOnce(100, () => verify(phone, id))
      expect(tally(outcomes.map(({ outcome }) => outcome))).toEqual({ signed_in: 1, wrong: 99 })
      expect(await count('sessions', phone)).toBe(1)
      expect(await count('phone_people', phone)).toBe(1)
    })

    test('of a hundred wrong codes at once five are compared, and then the right one is dead', async () => {
      const phone = newPhone()
      const id = idOf(await request(phone))
      const outcomes = await atOnce(100, () => verify(phone, id, { proof: proofs.wrong }))
      expect(tally(outcomes.map(({ outcome }) => outcome))).toEqual({ wrong: 100 })
      expect(await count('guesses', phone)).toBe(5)
      expect((await verify(phone, id)).outcome).toBe('wrong')
      expect(
        await stores.query('select tries_left, used_at from portero.challenges where id = $1', [id]),
      ).toEqual([{ tries_left: 0, used_at: null }])
      expect(await count('sessions', phone)).toBe(0)
    })

    test('a hundred requests from a hundred addresses leave three live challenges', async () => {
      const phone = newPhone()
      const answers = await atOnce(100, () => request(phone))
      expect(tally(answers.map(({ outcome }) => outcome))).toEqual({ sent: 3, refused: 97 })
      expect(await count('challenges', phone)).toBe(3)
      expect(await count('sends', phone)).toBe(3)
      expect(await count('deliveries', phone)).toBe(3)
      for (const answer of answers) {
        if (answer.outcome !== 'refused') continue
        expect(answer.retryAfterSeconds).toBeGreaterThan(290)
        expect(answer.retryAfterSeconds).toBeLessThanOrEqual(300)
      }
    })

    test('fifty requests from one address at once are one challenge and one message', async () => {
      const phone = newPhone()
      const caller = newCaller()
      const answers = await atOnce(50, () => request(phone, { caller }))
      expect(tally(answers.map(({ outcome }) => outcome))).toEqual({ sent: 1, too_early: 49 })
      expect(new Set(answers.map(idOf)).size).toBe(1)
      expect(answers.filter((a) => a.outcome !== 'refused' && a.deliveryId !== undefined).length).toBe(1)
      expect(await count('sends', phone)).toBe(1)
    })

    test('the budget of a phone is exact under two hundred requests at once', async () => {
      const phone = newPhone()
      const budgets = {
        ...wideBudgets,
        liveChallengesMax: 1000,
        phoneSends: [{ withinSeconds: 600, max: 10 }],
      }
      const answers = await atOnce(200, () => request(phone, { budgets }))
      expect(tally(answers.map(({ outcome }) => outcome))).toEqual({ sent: 10, refused: 190 })
      expect(await count('sends', phone)).toBe(10)
    })

    test('the budgets of an address and of its network are exact across many phones at once', async () => {
      const phones = Array.from({ length: 200 }, newPhone)
      const caller = newCaller()
      const budgets = { ...wideBudgets, addressSends: [{ withinSeconds: 3600, max: 10 }] }
      const sent = await atOnce(200, (i) => request(phones[i]!, { caller, budgets }))
      expect(tally(sent.map(({ outcome }) => outcome))).toEqual({ sent: 10, refused: 190 })

      const network = { ...wideBudgets, networkSendsPerHour: 25 }
      const neighbours = await atOnce(100, (i) =>
        request(phones[i]!, {
          caller: newCaller({ addressKey: `b${i}::/64`, networkKey: 'n::/48' }),
          budgets: network,
        }),
      )
      expect(tally(neighbours.map(({ outcome }) => outcome))).toEqual({ sent: 25, refused: 75 })
    })

    test('the wrong guesses of an address are exact across many phones at once', async () => {
      const caller = newCaller()
      const addressGuesses = { withinSeconds: 600, max: 30 }
      const phones = Array.from({ length: 20 }, newPhone)
      const ids = await Promise.all(phones.map(async (phone) => idOf(await request(phone))))
      const outcomes = await atOnce(100, (i) =>
        verify(phones[i % 20]!, ids[i % 20], { caller, addressGuesses, proof: proofs.wrong }),
      )
      expect(tally(outcomes.map(({ outcome }) => outcome))).toEqual({ wrong: 30, too_many_tries: 70 })
      const last = await verify(phones[0]!, ids[0], { caller, addressGuesses })
      expect(last).toMatchObject({ outcome: 'too_many_tries' })
      expect((await verify(phones[0]!, ids[0])).outcome).toBe('signed_in')

      const blind = newCaller()
      const few = { caller: blind, addressGuesses: { withinSeconds: 600, max: 10 } }
      const guesses = await atOnce(300, () => verify(newPhone(), 'no such challenge', few))
      expect(tally(guesses.map(({ outcome }) => outcome))).toEqual({ wrong: 10, too_many_tries: 290 })
    })

    test('a storm of requests and verifications over ten phones and ten addresses ends without a deadlock', async () => {
      const phones = Array.from({ length: 10 }, newPhone)
      const callers = Array.from({ length: 10 }, () => newCaller({ networkKey: 'storm::/48' }))
      const wanted = {
        ...wideBudgets,
        addressSends: [{ withinSeconds: 3600, max: 40 }],
        liveChallengesMax: 50,
      }
      const sessions: { id: string; generation: number }[] = []
      const outcomes = await atOnce(600, async (i) => {
        const phone = phones[(i * 7) % 10]!
        const caller = callers[(i * 3 + Math.floor(i / 10)) % 10]!
        const asked = await request(phone, { caller, budgets: wanted, resendAfterSeconds: [0] })
        if (asked.outcome === 'refused') return asked.outcome
        const session = { ...newSession, sessionsMax: 3, replacesSessionId: sessions.at(-1)?.id }
        const proof = i % 3 === 0 ? proofs.wrong : proofs[6]
        const answer = await verify(phone, asked.seed.challengeId, { caller, proof, session })
        if (answer.outcome !== 'signed_in') return answer.outcome
        sessions.push(answer.session)
        const refreshed = await stores.sessionStore.refreshSession(answer.session.id, 1, 30, 86_400)
        return refreshed.outcome
      })
      const counts = tally(outcomes)
      expect(counts.refreshed).toBeGreaterThan(20)
      expect((counts.refreshed ?? 0) + (counts.gone ?? 0)).toBe(sessions.length)
      const people = await stores.query('select person_id from portero.phone_people where phone = any ($1)', [
        phones,
      ])
      expect(people.length).toBe(10)
      expect(
        await stores.query(
          `select person_id from portero.sessions where phone = any ($1) and ended_at is null
            group by person_id having count(*) > 3`,
          [phones],
        ),
      ).toEqual([])
    })

    test('a refusal charges nobody: nothing is written but the refusal', async () => {
      const phone = newPhone()
      const caller = newCaller({ networkKey: 'quiet::/48' })
      const budgets = { ...wideBudgets, phoneSends: [{ withinSeconds: 600, max: 1 }] }
      await request(phone, { caller, budgets, holdHash: randomBytes(32) })
      const counts = async () =>
        (
          await stores.query(`select (select count(*) from portero.challenges) as challenges,
            (select count(*) from portero.sends) as sends, (select count(*) from portero.deliveries) as deliveries,
            (select count(*) from portero.guesses) as guesses, (select count(*) from portero.devices) as devices`)
        )[0]
      const before = await counts()
      const refused = await request(phone, { caller, budgets, holdHash: randomBytes(32) })
      expect(refused.outcome).toBe('refused')
      expect(await counts()).toEqual(before)
      expect(await count('access_log', phone, `outcome = 'too_many_codes'`)).toBe(1)
    })

    test('a verified send is given back to its address and network, not to its phone', async () => {
      const [phone, other] = [newPhone(), newPhone()]
      const caller = newCaller()
      const budgets = {
        ...wideBudgets,
        addressSends: [{ withinSeconds: 3600, max: 1 }],
        phoneSends: [{ withinSeconds: 600, max: 1 }],
      }
      const id = idOf(await request(phone, { caller, budgets }))
      expect((await request(other, { caller, budgets })).outcome).toBe('refused')
      expect((await verify(phone, id)).outcome).toBe('signed_in')
      expect((await request(other, { caller, budgets })).outcome).toBe('sent')
      expect((await request(phone, { caller: newCaller(), budgets })).outcome).toBe('refused')
    })

    test('budget windows slide: what is older than the window counts no more, to the second', async () => {
      const phone = newPhone()
      const budgets = { ...wideBudgets, phoneSends: [{ withinSeconds: 600, max: 2 }] }
      const age = (seconds: number) =>
        stores.query(`update portero.sends set at = at - make_interval(secs => $2) where phone = $1`, [
          phone,
          seconds,
        ])
      await request(phone, { budgets })
      await age(300)
      await request(phone, { budgets })
      const refused = await request(phone, { budgets })
      expect(refused).toMatchObject({ outcome: 'refused' })
      if (refused.outcome === 'refused') {
        expect(refused.retryAfterSeconds).toBeGreaterThan(295)
        expect(refused.retryAfterSeconds).toBeLessThanOrEqual(300)
      }
      await age(301)
      expect((await request(phone, { budgets })).outcome).toBe('sent')
    })

    test('the service, country or prefix at its limit refuses strangers and not the browser that is known', async () => {
      const phone = newPhone()
      const secret = randomBytes(32)
      const id = idOf(await request(phone))
      await verify(phone, id, { session: { ...newSession, newDeviceHash: secret } })
      expect(await request(phone, { strangersWaitSeconds: 600 })).toEqual({
        outcome: 'refused',
        retryAfterSeconds: 600,
      })
      expect((await request(phone, { strangersWaitSeconds: 600, deviceHash: secret })).outcome).toBe('sent')
    })

    test('an unheld challenge without its id is reached from the same address, or with the same key, and no other', async () => {
      const [phone, caller] = [newPhone(), newCaller()]
      await request(phone, { caller })
      const key = { ...newCaller(), apiKeyId: '11111111-1111-4111-8111-111111111111' }
      expect((await verify(phone, undefined)).outcome).toBe('wrong')
      expect(
        (await verify(phone, undefined, { caller: { ...caller, apiKeyId: key.apiKeyId } })).outcome,
      ).toBe('wrong')
      expect(await count('guesses', phone)).toBe(0)
      expect((await verify(phone, undefined, { caller })).outcome).toBe('signed_in')

      await request(phone, { caller: key })
      expect((await verify(phone, undefined, { caller: { ...key, apiKeyId: undefined } })).outcome).toBe(
        'wrong',
      )
      expect(
        (await verify(phone, undefined, { caller: { ...newCaller(), apiKeyId: key.apiKeyId } })).outcome,
      ).toBe('signed_in')
    })

    test('a held challenge opens to its secret alone, and shows itself to it alone', async () => {
      const [phone, caller, secret] = [newPhone(), newCaller(), randomBytes(32)]
      const id = idOf(await request(phone, { caller, holdHash: secret }))
      expect((await verify(phone, id, { caller })).outcome).toBe('wrong')
      expect((await verify(phone, id, { caller, holdHash: randomBytes(32) })).outcome).toBe('wrong')
      expect((await verify(phone, undefined, { caller, holdHash: secret })).outcome).toBe('wrong')
      expect(await count('guesses', phone)).toBe(0)
      expect(await stores.challengeStore.readChallenge(id, randomBytes(32))).toBeUndefined()
      expect(await stores.challengeStore.readChallenge('nothing', secret)).toBeUndefined()
      expect(await stores.challengeStore.readChallenge(id, secret)).toMatchObject({
        ...{ id, phone, channel: 'sms', digits: 6, state: 'live', triesLeft: 5 },
      })
      expect((await verify(phone, id, { caller, holdHash: secret })).outcome).toBe('signed_in')
      expect(await stores.challengeStore.readChallenge(id, secret)).toMatchObject({ state: 'used' })
    })

    test('a challenge of one phone is nothing to another phone, and is not touched by it', async () => {
      const [phone, other] = [newPhone(), newPhone()]
      const id = idOf(await request(phone))
      expect((await verify(other, id)).outcome).toBe('wrong')
      expect(await count('guesses', phone)).toBe(0)
      expect((await verify(phone, id)).outcome).toBe('signed_in')
    })

    test('the proof counts under the key of the row alone', async () => {
      const phone = newPhone()
      const id = idOf(await request(phone))
      const { proofs: right } = challengeAnswer(phone, id)
      expect((await verify(phone, id, { proofs: [{ ...right[0]!, keyId: 'other' }] })).outcome).toBe('wrong')
      expect((await verify(phone, id, { proofs: [] })).outcome).toBe('wrong')
      const rotated = [{ keyId: 'newer', proof: proofs.wrong }, ...right]
      expect((await verify(phone, id, { proofs: rotated })).outcome).toBe('signed_in')
    })

    test('the clock of the database ends a challenge', async () => {
      const phone = newPhone()
      const id = idOf(await request(phone))
      const expireIn = (seconds: number) =>
        stores.query(
          `update portero.challenges set expires_at = clock_timestamp() + make_interval(secs => $2) where id = $1`,
          [id, seconds],
        )
      await expireIn(-1)
      expect((await verify(phone, id)).outcome).toBe('wrong')
      expect(await count('guesses', phone)).toBe(0)
      await expireIn(2)
      expect((await verify(phone, id)).outcome).toBe('signed_in')
    })

    test('after the fifteenth guess new codes have eight digits, and open ones keep their length and their tries', async () => {
      const phone = newPhone()
      const caller = newCaller()
      for (let challenge = 0; challenge < 3; challenge += 1) {
        const asked = await request(phone)
        expect(asked).toMatchObject({ digits: 6 })
        const guesses = challenge === 2 ? 4 : 5
        for (let guess = 0; guess < guesses; guess += 1)
          await verify(phone, idOf(asked), { proof: proofs.wrong })
      }
      const open = await request(phone, { caller, holdHash: randomBytes(32) })
      expect(open).toMatchObject({ digits: 6 })
      await stores.query(
        `insert into portero.guesses (phone, address_key, at) values ($1, 'x', clock_timestamp())`,
        [phone],
      )
      const budgets = { ...wideBudgets, liveChallengesMax: 10 }
      const long = await request(phone, { budgets })
      expect(long).toMatchObject({ digits: 8 })
      expect((await verify(phone, idOf(long), { proof: proofs[6] })).outcome).toBe('wrong')
      expect((await verify(phone, idOf(long), { proof: proofs[8] })).outcome).toBe('signed_in')
      expect(
        await stores.query('select digits, tries_left from portero.challenges where id = $1', [idOf(open)]),
      ).toEqual([{ digits: 6, tries_left: 5 }])
      await stores.query(`update portero.guesses set at = at - interval '1 day' where phone = $1`, [phone])
      expect(await request(phone, { budgets })).toMatchObject({ digits: 6 })
    })

    test('guesses with nothing to compare are the address’s alone, or the known device’s', async () => {
      const [phone, device] = [newPhone(), randomBytes(32)]
      const id = idOf(await request(phone))
      await verify(phone, id, { session: { ...newSession, newDeviceHash: device } })
      const caller = newCaller()
      await verify(phone, 'no such challenge', { caller })
      const by = { caller, deviceHash: device, addressGuesses: { withinSeconds: 600, max: 2 } }
      for (let guess = 0; guess < 15; guess += 1) await verify(phone, 'no such challenge', by)
      expect(await count('guesses', phone, 'device_id is not null')).toBe(15)
      expect(await count('guesses', phone, 'device_id is null')).toBe(0)
      // Its fifteen are spent: from now on it is a stranger like others.
      await verify(phone, 'no such challenge', by)
      expect((await verify(phone, 'no such challenge', by)).outcome).toBe('too_many_tries')
    })

    test('fifty newcomers to one phone at once, with fifty challenges, are one person', async () => {
      const phone = newPhone()
      const budgets = { ...wideBudgets, liveChallengesMax: 100 }
      const ids = await atOnce(50, async () => idOf(await request(phone, { budgets })))
      const outcomes = await atOnce(50, (i) => verify(phone, ids[i]))
      expect(tally(outcomes.map(({ outcome }) => outcome))).toEqual({ signed_in: 50 })
      const people = outcomes.map((answer) =>
        answer.outcome === 'signed_in' ? answer.session.person.id : '',
      )
      expect(new Set(people).size).toBe(1)
      expect(outcomes.filter((answer) => answer.outcome === 'signed_in' && answer.isNewcomer).length).toBe(1)
      const open = await stores.sessionStore.listSessions(people[0]!)
      expect(open.length).toBe(20)
    })

    test('whoever is blocked while fifty of their codes are verified has no living session, also after unblocking', async () => {
      const phone = newPhone()
      const { id: person } = await stores.peopleStore.addPerson(phone, {})
      const budgets = { ...wideBudgets, liveChallengesMax: 100 }
      const ids = await atOnce(50, async () => idOf(await request(phone, { budgets })))
      const [outcomes] = await Promise.all([
        atOnce(50, (i) => verify(phone, ids[i])),
        stores.peopleStore.setState(person, 'blocked'),
      ])
      expect(outcomes.filter(({ outcome }) => !['signed_in', 'blocked'].includes(outcome))).toEqual([])
      await stores.peopleStore.setState(person, 'active')
      expect(await stores.sessionStore.listSessions(person)).toEqual([])
    })

    test('whoever is blocked in the middle of a verification waits for it, and ends its session', async () => {
      const phone = newPhone()
      const first = await verify(phone, idOf(await request(phone)))
      if (first.outcome !== 'signed_in') throw new Error(first.outcome)
      const { person } = first.session
      const id = idOf(await request(phone))
      const holder = new pg.Client({ connectionString: stores.url })
      await holder.connect()
      // A bot at work on the memory of the phone holds the verification up, after it has judged the person.
      await holder.query('begin')
      await holder.query('select from public.telefono_usuario where telefono = $1 for update', [phone])
      const verifying = verify(phone, id)
      await sleep(150)
      const blocking = stores.peopleStore.setState(person.id, 'blocked')
      await sleep(150)
      await holder.query('commit')
      await holder.end()
      expect((await verifying).outcome).toBe('signed_in')
      await blocking
      await stores.peopleStore.setState(person.id, 'active')
      expect(await stores.sessionStore.listSessions(person.id)).toEqual([])
    })

    test('a person who is deleted while their code is verified leaves no session behind, and nobody fails', async () => {
      for (let round = 0; round < 10; round += 1) {
        const phone = newPhone()
        const { id: person } = await stores.peopleStore.addPerson(phone, {})
        const budgets = { ...wideBudgets, liveChallengesMax: 100 }
        const ids = await atOnce(5, async () => idOf(await request(phone, { budgets })))
        const [outcomes] = await Promise.all([
          atOnce(5, (i) => verify(phone, ids[i], { admission: 'known' })),
          stores.query('delete from public.usuarios where id = $1', [person]),
        ])
        expect(outcomes.filter(({ outcome }) => !['signed_in', 'not_admitted'].includes(outcome))).toEqual([])
        expect(await count('sessions', phone)).toBe(0)
      }
    })

    test('totals are those of the service, the country and the prefix', async () => {
      const phone = newPhone()
      const prefix = '+5599999'
      // They may be a second old: a store that has answered nothing yet looks.
      const read = () => storesOn(stores.database).challengeStore.readTotals('UY', prefix)
      const before = await read()
      expect(before).toMatchObject({ regionSendsHour: 0, regionSendsDay: 0, prefixSendsHour: 0 })
      const id = idOf(await request(phone, { region: 'UY', prefix }))
      await verify(phone, id, { proof: proofs.wrong })
      const after = await read()
      expect(after).toEqual({
        ...{ sendsHour: before.sendsHour + 1, sendsDay: before.sendsDay + 1, regionSendsHour: 1 },
        ...{ regionSendsDay: 1, prefixSendsHour: 1, wrongGuessesHour: before.wrongGuessesHour + 1 },
      })
      await stores.query(`update portero.sends set at = at - interval '61 minutes' where prefix = $1`, [
        prefix,
      ])
      expect(await read()).toMatchObject({
        ...{ regionSendsHour: 0, regionSendsDay: 1, prefixSendsHour: 0 },
      })
    })

    test('addresses that share nothing do not share a budget', async () => {
      const budgets = { ...wideBudgets, addressSends: [{ withinSeconds: 3600, max: 1 }] }
      const callers = [newAddress(), newAddress()].map((address) => newCaller({ address }))
      for (const caller of callers)
        expect((await request(newPhone(), { caller, budgets })).outcome).toBe('sent')
      for (const caller of callers)
        expect((await request(newPhone(), { caller, budgets })).outcome).toBe('refused')
    })
  })
}
