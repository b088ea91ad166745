import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InboundClaim, InboundStart } from '../../src/domain/otp/inbound-sign-in-store.ts'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import {
  atOnce,
  challengeAnswer,
  challengeRequest,
  newCaller,
  newPhone,
  proofs,
  tally,
} from '../support/samples.ts'
import { type Stores, storesOn } from '../support/stores.ts'

/** What every store of sign-ins by a message promises (domain/otp/inbound-sign-in-store.ts), under many callers at once. */
export function inboundSignInStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of stores of sign-ins by a message`, () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await open()
    })
    afterAll(() => stores.close(), 60_000)

    async function begin(over: Partial<InboundStart> = {}) {
      const start: InboundStart = {
        ...{ challengeId: randomBytes(16).toString('base64url'), phone: undefined, ttlSeconds: 300 },
        ...{ holdHash: randomBytes(32), tokenHash: randomBytes(32), caller: newCaller({ door: 'pages' }) },
        ...{ startsPerAddressPerHour: 20, startsPerNetworkPerHour: 200 },
        ...over,
      }
      return { ...start, wait: await stores.inboundSignInStore.start(start) }
    }
    const claim = (of: InboundStart, phone: PhoneNumber, over: Partial<InboundClaim> = {}) =>
      stores.inboundSignInStore.claim({
        ...{ tokenHash: of.tokenHash, phone, writtenAt: new Date(), locale: 'es' },
        fresh: {
          ...{ challengeId: of.challengeId, salt: randomBytes(16), keyId: 'key' },
          ...{ proof6: proofs[6], proof8: proofs[8] },
        },
        ...{ ttlSeconds: 300, lifeMaxSeconds: 600, triesMax: 5, liveChallengesMax: 3 },
        ...{ longCodeAfterGuesses: 15, digitsMin: 6, admission: 'open' },
        ...over,
      })
    const verify = (of: InboundStart, phone: PhoneNumber, proof?: Buffer, holdHash = of.holdHash) =>
      stores.challengeStore.verifyChallenge(
        challengeAnswer(phone, of.challengeId, { holdHash, ...(proof && { proof }) }),
      )

    test('of sixty phones that bring one message at once, one has it; the browser that began it signs in as that one', async () => {
      const one = await begin()
      expect(await stores.inboundSignInStore.read(one.challengeId, one.holdHash)).toMatchObject({
        state: 'waiting',
        phone: undefined,
      })
      const phones = Array.from({ length: 60 }, () => newPhone())
      const outcomes = await Promise.all(phones.map((phone) => claim(one, phone)))
      expect(tally(outcomes.map(({ outcome }) => outcome))).toEqual({ claimed: 1, over: 59 })
      const winner = phones[outcomes.findIndex(({ outcome }) => outcome === 'claimed')]!
      expect(await stores.inboundSignInStore.read(one.challengeId, one.holdHash)).toBeUndefined()
      expect(await stores.challengeStore.readChallenge(one.challengeId, one.holdHash)).toMatchObject({
        ...{ phone: winner, channel: 'whatsapp', digits: 6, state: 'live', triesLeft: 5, isInbound: true },
      })
      // Only the browser that began it, and only with the code.
      expect((await verify(one, winner, undefined, randomBytes(32))).outcome).toBe('wrong')
      expect((await verify(one, winner, proofs.wrong)).outcome).toBe('wrong')
      const signed = await atOnce(50, () => verify(one, winner))
      expect(tally(signed.map(({ outcome }) => outcome))).toEqual({ signed_in: 1, wrong: 49 })
      expect(signed.find(({ outcome }) => outcome === 'signed_in')).toMatchObject({
        session: { phone: winner, amr: ['otp', 'whatsapp'] },
      })
    })

    test('the same phone again, fifty times at once, is told the same code, and makes one challenge', async () => {
      const [one, phone] = [await begin(), newPhone()]
      const outcomes = await atOnce(50, () => claim(one, phone))
      expect(tally(outcomes.map(({ outcome }) => outcome))).toEqual({ claimed: 1, again: 49 })
      expect(new Set(outcomes.map((o) => 'seed' in o && o.seed.salt.toString('hex'))).size).toBe(1)
      const doors = await stores.query(
        `select distinct door from portero.access_log where event = 'inbound_claimed' and phone = $1`,
        [phone],
      )
      expect(doors).toEqual([{ door: 'bot' }])
      await verify(one, phone)
      expect(await claim(one, phone)).toEqual({ outcome: 'over' })
    })

    test('a wrong code counts as a guess of that phone, and five end it', async () => {
      const [one, phone] = [await begin(), newPhone()]
      await claim(one, phone)
      const outcomes = await atOnce(50, () => verify(one, phone, proofs.wrong))
      expect(tally(outcomes.map(({ outcome }) => outcome))).toEqual({ wrong: 50 })
      const [count] = await stores.query('select count(*)::int from portero.guesses where phone = $1', [
        phone,
      ])
      expect(count).toEqual({ count: 5 })
      expect((await verify(one, phone)).outcome).toBe('wrong')
    })

    test('under guesses the code has eight digits', async () => {
      const [one, phone] = [await begin(), newPhone()]
      await stores.query(
        `insert into portero.guesses (phone, at) select $1, now() from generate_series(1, 15)`,
        [phone],
      )
      expect(await claim(one, phone)).toMatchObject({ outcome: 'claimed', digits: 8 })
      expect((await verify(one, phone, proofs[8])).outcome).toBe('signed_in')
    })

    test('a phone that was typed is the one that has to write; another one spends nothing', async () => {
      const phone = newPhone()
      const one = await begin({ phone })
      expect(await claim(one, newPhone())).toEqual({ outcome: 'other_phone' })
      expect((await claim(one, phone)).outcome).toBe('claimed')
    })

    test('what is expired, unknown, or was written before it was asked for is over', async () => {
      const late = await begin()
      await stores.query('update portero.inbound_sign_ins set expires_at = now() where challenge_id = $1', [
        late.challengeId,
      ])
      expect(await stores.inboundSignInStore.read(late.challengeId, late.holdHash)).toMatchObject({
        state: 'over',
      })
      expect(await claim(late, newPhone())).toEqual({ outcome: 'over' })
      const old = await begin()
      const before = { writtenAt: new Date(Date.now() - 180_000) }
      expect(await claim(old, newPhone(), before)).toEqual({ outcome: 'over' })
      expect(await claim({ ...old, tokenHash: randomBytes(32) }, newPhone())).toEqual({ outcome: 'over' })
      expect((await claim(old, newPhone())).outcome).toBe('claimed')
    })

    test('a fourth that came about so waits; what strangers asked for otherwise keeps nobody from it', async () => {
      const phone = newPhone()
      for (let i = 0; i < 3; i++) await stores.challengeStore.requestChallenge(challengeRequest(phone))
      const many = await atOnce(50, async () => claim(await begin(), phone))
      expect(tally(many.map(({ outcome }) => outcome))).toEqual({ claimed: 3, too_many_codes: 47 })
    })

    test('the blocked get no code, nor does an unlisted number where only the known come in; neither spends it', async () => {
      const [one, phone, listed] = [await begin(), newPhone(), newPhone()]
      const { id } = await stores.peopleStore.addPerson(listed, { name: 'Ana' })
      const known = { admission: 'known' } as const
      expect(await claim(one, phone, known)).toEqual({ outcome: 'not_admitted' })
      const state = (to: string) =>
        stores.query(
          `insert into portero.people (id, state) values ($1, $2) on conflict (id) do update set state = $2`,
          [id, to],
        )
      await state('blocked')
      expect(await claim(one, listed, known)).toEqual({ outcome: 'blocked' })
      await state('active')
      expect((await claim(one, listed, known)).outcome).toBe('claimed')
    })

    test('an address begins so many an hour, exactly, whatever runs at once', async () => {
      const caller = newCaller({ networkKey: `2001:db8:${Date.now() % 9999}::/48` })
      const begun = await atOnce(60, () => begin({ caller, startsPerAddressPerHour: 20 }))
      expect(begun.filter(({ wait }) => wait === 0)).toHaveLength(20)
      expect(Math.min(...begun.map(({ wait }) => wait).filter((wait) => wait > 0))).toBeGreaterThan(3500)
      const next = await atOnce(30, () =>
        begin({ caller: newCaller({ networkKey: caller.networkKey }), startsPerNetworkPerHour: 25 }),
      )
      expect(next.filter(({ wait }) => wait === 0)).toHaveLength(5)
    })

    test('what is too old is swept, what waits stays', async () => {
      const [old, fresh] = [await begin(), await begin()]
      await stores.query(
        `update portero.inbound_sign_ins set created_at = now() - interval '49 hours' where challenge_id = $1`,
        [old.challengeId],
      )
      const own = storesOn(stores.database)
      await stores.query('select portero.sweep_sign_ins(48, 100)')
      expect(await own.inboundSignInStore.find(old.tokenHash)).toBeUndefined()
      expect(await own.inboundSignInStore.find(fresh.tokenHash)).toBe(fresh.challengeId)
    })
  })
}
