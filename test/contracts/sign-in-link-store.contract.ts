import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalPhone, type PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import type { LinkUse, SignInLink } from '../../src/domain/sessions/sign-in-link-store.ts'
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

/** What every store of one-time links promises (domain/sessions/sign-in-link-store.ts), under many callers at once. */
export function signInLinkStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of stores of one-time links`, () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await open()
    })
    afterAll(() => stores.close(), 60_000)

    /** Somebody on record with a phone, who has written from it. */
    async function person(phone = newPhone(), nombre = 'Ana') {
      const [row] = await stores.query<{ id: string }>(
        'insert into public.usuarios (nombre) values ($1) returning id',
        [nombre],
      )
      await stores.recognitionStore.link(phone, row!.id, 'attested', 'api')
      return { phone, personId: row!.id }
    }
    const link = (over: Partial<SignInLink> & { phone: PhoneNumber; personId: string }): SignInLink => ({
      ...{ tokenHash: randomBytes(32), chatKey: `whatsapp:${over.phone}`, askedAt: new Date() },
      ...{ ttlSeconds: 600, liveMax: 3, idleLinkDays: 180 },
      ...over,
    })
    const use = (tokenHash: Buffer, over: Partial<LinkUse> = {}): LinkUse => ({
      ...{ tokenHash, caller: newCaller({ door: 'pages' }), deviceHash: undefined, deviceGuessesPerDay: 15 },
      ...{ idleLinkDays: 180, amr: ['otp', 'whatsapp'], session: newSession },
      ...over,
    })
    const redeem = (tokenHash: Buffer, over: Partial<LinkUse> = {}) =>
      stores.signInLinkStore.redeem(use(tokenHash, over))
    const read = (tokenHash: Buffer) =>
      stores.signInLinkStore.read(tokenHash, { idleLinkDays: 180, deviceHash: undefined })
    async function given(over: Partial<SignInLink> = {}) {
      const who = await person()
      const one = link({ ...who, ...over })
      expect(await stores.signInLinkStore.give(one)).toBe(true)
      return { ...who, ...one }
    }
    const sessionsOf = async (phone: PhoneNumber) =>
      stores.query('select * from portero.sessions where phone = $1 and ended_at is null', [phone])

    test('of a hundred at once, one opens a session, proved when its message was written', async () => {
      const askedAt = new Date(Date.now() - 120_000)
      const { phone, personId, tokenHash } = await given({ askedAt })
      const outcomes = await atOnce(100, () => redeem(tokenHash))
      expect(tally(outcomes.map(({ outcome }) => outcome))).toEqual({ signed_in: 1, dead: 99 })
      const used = outcomes.find(({ outcome }) => outcome === 'signed_in')
      expect(used).toMatchObject({
        session: { phone, provedAt: askedAt.getTime(), amr: ['otp', 'whatsapp'] },
      })
      expect(await sessionsOf(phone)).toMatchObject([{ person_id: personId, challenge_id: null }])
      const log = await stores.query(
        `select outcome from portero.access_log where event = 'link_used' and phone = $1`,
        [phone],
      )
      expect(tally(log.map(({ outcome }) => outcome))).toEqual({ signed_in: 1, dead: 99 })
      const asked = await stores.query(
        `select door, outcome from portero.access_log where event = 'link_asked' and phone = $1`,
        [phone],
      )
      expect(asked).toEqual([{ door: 'bot', outcome: 'given' }])
    })

    test('reading spends nothing; a used, expired or unknown one names nobody', async () => {
      const { phone, personId, tokenHash } = await given()
      for (let i = 0; i < 3; i++) expect(await read(tokenHash)).toEqual({ personId, name: 'Ana', phone })
      await redeem(tokenHash)
      const late = await given()
      await stores.query(`update portero.sign_in_links set expires_at = now() where token_hash = $1`, [
        late.tokenHash,
      ])
      for (const hash of [tokenHash, late.tokenHash, randomBytes(32)]) {
        expect(await read(hash)).toBeUndefined()
        expect(await redeem(hash)).toEqual({ outcome: 'dead' })
      }
    })

    test('a newer one takes the place of that of the same chat; a phone has three at the most', async () => {
      const who = await person()
      const give = (chatKey: string) => {
        const one = link({ ...who, chatKey })
        return stores.signInLinkStore.give(one).then((isGiven) => ({ ...one, isGiven }))
      }
      const first = await give('a')
      const second = await give('a')
      expect([await read(first.tokenHash), (await read(second.tokenHash))?.name]).toEqual([undefined, 'Ana'])
      const others = [await give('b'), await give('c'), await give('d')]
      expect(others.map(({ isGiven }) => isGiven)).toEqual([true, true, false])
      const many = await atOnce(50, () => give('a'))
      expect(many.every(({ isGiven }) => isGiven)).toBe(true)
      const [live] = await stores.query(
        'select count(*)::int from portero.sign_in_links where phone = $1 and dead_at is null',
        [who.phone],
      )
      expect(live).toEqual({ count: 3 })
    })

    test('is for nobody who only declared to be that person, nor for whoever is not remembered', async () => {
      const declared = await person()
      await stores.query(`update portero.phone_people set belongs = 'declared' where phone = $1`, [
        declared.phone,
      ])
      const forgotten = await person()
      await stores.recognitionStore.forget(forgotten.phone, 'everybody')
      const idle = await person()
      await stores.query(
        `update portero.phone_people set last_used_at = now() - interval '181 days' where phone = $1`,
        [idle.phone],
      )
      const stranger = { phone: newPhone(), personId: declared.personId }
      for (const who of [declared, forgotten, idle, stranger])
        expect(await stores.signInLinkStore.give(link(who))).toBe(false)
    })

    const losses: Readonly<
      Record<string, (of: { phone: PhoneNumber; personId: string }) => Promise<unknown>>
    > = {
      blocked: ({ personId }) =>
        stores.query(
          `insert into portero.people (id, state) values ($1, 'blocked') on conflict (id) do update set state = 'blocked'`,
          [personId],
        ),
      forgotten: ({ phone, personId }) => stores.recognitionStore.forget(phone, { personId }),
      'forgotten by an older program': ({ phone }) =>
        stores.query('delete from public.telefono_usuario where telefono = $1', [phone]),
      'forgotten, and declared again': async ({ phone, personId }) => {
        await stores.recognitionStore.forget(phone, 'everybody')
        await stores.recognitionStore.link(phone, personId, 'declared', 'api')
      },
      'forgotten beside another, and declared again': async ({ phone, personId }) => {
        await person(phone, 'Beto')
        await stores.recognitionStore.forget(phone, { personId })
        await stores.recognitionStore.link(phone, personId, 'attested', 'api')
      },
      'blocked, and let in again': async ({ personId }) => {
        await stores.peopleStore.setState(personId, 'blocked')
        await stores.peopleStore.setState(personId, 'active')
      },
      unlinked: ({ phone }) => stores.query('delete from portero.phone_people where phone = $1', [phone]),
      'declared only': ({ phone }) =>
        stores.query(`update portero.phone_people set belongs = 'declared' where phone = $1`, [phone]),
      frozen: ({ phone, personId }) => stores.recognitionStore.disown(phone, personId),
      deleted: ({ personId }) => stores.query('delete from public.usuarios where id = $1', [personId]),
      shared: ({ phone }) => stores.recognitionStore.setShared(phone, true),
    }
    test.each(Object.entries(losses))('opens nothing for somebody %s meanwhile', async (_, lose) => {
      const one = await given()
      await lose(one)
      expect(await read(one.tokenHash)).toBeUndefined()
      expect((await redeem(one.tokenHash)).outcome).not.toBe('signed_in')
      expect(await sessionsOf(one.phone)).toEqual([])
    })

    test('a link that is refused is spent all the same', async () => {
      const one = await given()
      const lastUsed = (daysAgo: number) =>
        stores.query(
          'update portero.phone_people set last_used_at = now() - make_interval(days => $2) where phone = $1',
          [one.phone, daysAgo],
        )
      await lastUsed(181)
      expect(await redeem(one.tokenHash)).toEqual({ outcome: 'refused' })
      await lastUsed(0)
      expect(await redeem(one.tokenHash)).toEqual({ outcome: 'dead' })
    })

    test('"olvidar" in another spelling of the phone takes the link back too', async () => {
      const phone = canonicalPhone('+5511987651234')
      const who = await person(phone)
      await stores.query('update public.telefono_usuario set telefono = $2 where telefono = $1', [
        phone,
        `${phone.slice(1, 5)}${phone.slice(6)}`,
      ])
      const one = link(who)
      expect(await stores.signInLinkStore.give(one)).toBe(true)
      expect(await stores.recognitionStore.forget(phone, 'everybody')).toBe(1)
      expect(await read(one.tokenHash)).toBeUndefined()
    })

    test('keeps the limit of sessions, ends the one that it replaces, and knows the device the next time', async () => {
      const who = await person()
      const sessions: string[] = []
      const newDeviceHash = randomBytes(32)
      for (let i = 0; i < 3; i++) {
        const one = link(who)
        await stores.signInLinkStore.give(one)
        const used = await redeem(one.tokenHash, {
          deviceHash: i === 0 ? undefined : newDeviceHash,
          session: { ...newSession, sessionsMax: 2, newDeviceHash, replacesSessionId: sessions.at(-1) },
        })
        if (used.outcome !== 'signed_in') throw new Error(used.outcome)
        expect(used.isNewDevice).toBe(i === 0)
        sessions.push(used.session.id)
      }
      expect(await sessionsOf(who.phone)).toMatchObject([{ id: sessions[2] }])
      const ends = await stores.query(
        'select ended_why from portero.sessions where phone = $1 and ended_at is not null',
        [who.phone],
      )
      expect(ends).toEqual([{ ended_why: 'replaced' }, { ended_why: 'replaced' }])
    })

    test('links, codes, forgetting and deletions at once, of two people of each phone, end without an error', async () => {
      const phones = await atOnce(8, async () => {
        const ana = await person()
        const bruno = await person(ana.phone, 'Bruno')
        return { phone: ana.phone, people: [ana.personId, bruno.personId] as const }
      })
      const outcomes: string[] = []
      const work = async (i: number): Promise<string> => {
        const { phone, people } = phones[i % phones.length]!
        const personId = people[Math.floor(i / phones.length) % 2]!
        if (i % 8 === 7) {
          await stores.query('delete from public.telefono_usuario where telefono = $1', [phone])
          return 'forgotten'
        }
        if (i % 31 === 5) {
          await stores.query('delete from public.usuarios where id = $1', [personId])
          return 'deleted'
        }
        if (i % 6 === 1) {
          await stores.recognitionStore.forget(phone, i % 4 === 1 ? 'everybody' : { personId })
          return 'forgotten'
        }
        if (i % 6 === 2)
          return `link ${await stores.recognitionStore.link(phone, personId, 'attested', 'api')}`
        if (i % 6 === 3) {
          const asked = await stores.challengeStore.requestChallenge(challengeRequest(phone))
          if (asked.outcome === 'refused') return 'code refused'
          const answer = challengeAnswer(phone, asked.seed.challengeId)
          return `code ${(await stores.challengeStore.verifyChallenge(answer)).outcome}`
        }
        const one = link({ phone, personId, chatKey: `chat ${i}`, liveMax: 100 })
        if (!(await stores.signInLinkStore.give(one))) return 'link not given'
        return `link ${(await redeem(one.tokenHash)).outcome}`
      }
      await atOnce(240, async (i) => outcomes.push(await work(i).catch((thrown) => `failed: ${thrown}`)))
      // Nobody is told of an error: whoever comes too late is refused, as they are by themselves.
      const usual = [
        ...[
          'deleted',
          'forgotten',
          'link linked',
          'link unknown',
          'code refused',
          'code wrong',
          'code signed_in',
        ],
        ...['link not given', 'link dead', 'link refused', 'link signed_in'],
      ]
      expect(outcomes.filter((outcome) => !usual.includes(outcome))).toEqual([])
      expect(outcomes).toEqual(expect.arrayContaining(['code signed_in', 'link signed_in']))
    }, 30_000)

    test('who is signed in beside another is forgotten and deleted at once without an error', async () => {
      const signedIn = await atOnce(50, async () => {
        const beside = await person()
        const one = link(beside)
        await stores.signInLinkStore.give(one)
        await redeem(one.tokenHash)
        await person(beside.phone, 'Bruno')
        return beside
      })
      await atOnce<unknown>(100, (i) => {
        const { phone, personId } = signedIn[Math.floor(i / 2)]!
        if (i % 2 === 0) return stores.recognitionStore.forget(phone, 'everybody')
        return stores.query('delete from public.usuarios where id = $1', [personId])
      })
      const left = await stores.query(
        'select from portero.sessions where person_id = any ($1) and ended_at is null',
        [signedIn.map(({ personId }) => personId)],
      )
      expect(left).toEqual([])
    }, 30_000)
  })
}
