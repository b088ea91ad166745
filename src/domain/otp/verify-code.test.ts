import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OtpHouse, openOtpHouse, otherThan, refusalOf } from '../../../test/support/otp-house.ts'
import { atOnce, newCaller, newPhone, tally } from '../../../test/support/samples.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import type { Caller } from '../access/caller.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { SignedIn } from './start-session.ts'
import type { CodeAnswer } from './verify-code.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

const inBrowser = (over: Partial<Caller> = {}) => newCaller({ door: 'pages', ...over })

/** Asks and types as one browser does. */
async function signIn(
  house: OtpHouse,
  phone: PhoneNumber,
  caller: Caller = inBrowser(),
  over: Partial<CodeAnswer> = {},
): Promise<SignedIn> {
  const { challengeId, holdSecret } = await house.ask(phone, { caller, hold: 'browser' })
  const code = await house.codeFor(phone)
  return house.type(phone, code, { caller, challengeId, holdSecret, ...over })
}

const charged = async (phone: PhoneNumber) => {
  const [row] = await stores.query(
    `select (select count(*)::int from portero.guesses where phone = $1) as guesses,
            (select coalesce(sum(tries_left), 0)::int from portero.challenges where phone = $1) as tries,
            (select count(*)::int from portero.sessions where phone = $1) as sessions`,
    [phone],
  )
  return row
}

describe('typing a code', () => {
  test('signs in once: a session, a token, a refresh token, and the code is spent', async () => {
    const house = openOtpHouse(stores)
    const [phone, caller] = [newPhone(), newCaller()]
    const { challengeId } = await house.ask(phone, { caller })
    const code = await house.codeFor(phone)
    const signedIn = await house.type(phone, ` ${code.slice(0, 3)}-${code.slice(3)} `, { caller })
    expect(signedIn).toMatchObject({
      isNewcomer: true,
      others: [],
      deviceToken: undefined,
      expiresInSeconds: 900,
    })
    expect(signedIn.session).toMatchObject({ phone, amr: ['otp', 'sms'], isShared: false, generation: 1 })
    expect(house.needs.accessTokens.read(signedIn.accessToken)).toMatchObject({
      sessionId: signedIn.session.id,
    })
    expect(house.needs.sessionDirectory.find(signedIn.session.id)).toEqual(signedIn.session)
    expect(await refusalOf(house.type(phone, code, { caller, challengeId }))).toBe('invalid_code')
    expect(await refusalOf(house.type(phone, code, { caller }))).toBe('invalid_code')
    expect(await charged(phone)).toEqual({ guesses: 0, tries: 5, sessions: 1 })
    const log = 'select event, outcome, person_id from portero.access_log where session_id = $1'
    expect(await stores.query(log, [signedIn.session.id])).toEqual([
      { event: 'code_verified', outcome: 'signed_in', person_id: signedIn.session.person.id },
    ])
  })

  test('a hundred of the right one at once are one session', async () => {
    const house = openOtpHouse(stores)
    const [phone, caller] = [newPhone(), newCaller()]
    await house.ask(phone, { caller })
    const code = await house.codeFor(phone)
    const caught = await atOnce(100, () => refusalOf(house.type(phone, code, { caller })))
    expect(caught.filter((outcome) => outcome === 'ok')).toHaveLength(1)
    expect(await charged(phone)).toMatchObject({ guesses: 0, sessions: 1 })
  })

  test('after five wrong ones the right one is dead, with the same answer', async () => {
    const house = openOtpHouse(stores)
    const [phone, caller] = [newPhone(), newCaller()]
    const { challengeId } = await house.ask(phone, { caller })
    const code = await house.codeFor(phone)
    for (let guess = 0; guess < 5; guess += 1)
      expect(await refusalOf(house.type(phone, otherThan(code), { caller }))).toBe('invalid_code')
    expect(await refusalOf(house.type(phone, code, { caller, challengeId }))).toBe('invalid_code')
    expect(await charged(phone)).toEqual({ guesses: 5, tries: 0, sessions: 0 })
  })

  test.each(['', '12345', '1234567', '123456789', 'abcdef', '12345６７', `1${'0'.repeat(70)}`, "' or 1=1"])(
    '%j is no code at all, and costs nobody a try',
    async (typed) => {
      const house = openOtpHouse(stores)
      const [phone, caller] = [newPhone(), newCaller()]
      const { challengeId } = await house.ask(phone, { caller })
      expect(await refusalOf(house.type(phone, typed, { caller, challengeId }))).toBe('invalid_code')
      expect(await charged(phone)).toEqual({ guesses: 0, tries: 5, sessions: 0 })
    },
  )

  test('the code of one challenge opens no other one of the same phone, nor that of another phone', async () => {
    const house = openOtpHouse(stores)
    const [phone, other] = [newPhone(), newPhone()]
    const first = await house.ask(phone)
    const code = await house.codeFor(phone)
    const second = await house.ask(phone)
    expect(await refusalOf(house.type(phone, code, { challengeId: second.challengeId }))).toBe('invalid_code')
    expect(await refusalOf(house.type(other, code, { challengeId: first.challengeId }))).toBe('invalid_code')
    expect(await refusalOf(house.type(phone, code, { challengeId: first.challengeId }))).toBe('ok')
  })

  test('a challenge held by a browser opens only with its secret; one held by its id, by the id', async () => {
    const house = openOtpHouse(stores)
    const [phone, caller] = [newPhone(), newCaller()]
    const held = await house.ask(phone, { caller, hold: 'browser' })
    const code = await house.codeFor(phone)
    const { challengeId } = held
    expect(await refusalOf(house.type(phone, code, { caller }))).toBe('invalid_code')
    expect(await refusalOf(house.type(phone, code, { caller, challengeId }))).toBe('invalid_code')
    expect(await refusalOf(house.type(phone, code, { caller, challengeId, holdSecret: challengeId }))).toBe(
      'invalid_code',
    )
    expect(await charged(phone)).toMatchObject({ guesses: 0, tries: 5 })
    expect(await refusalOf(house.type(phone, code, { challengeId, holdSecret: held.holdSecret }))).toBe('ok')

    const byId = await house.ask(phone, { caller, hold: 'id' })
    const second = await house.codeFor(phone)
    const id = byId.challengeId
    expect(await refusalOf(house.type(phone, second, { caller, challengeId: id }))).toBe('invalid_code')
    expect(await refusalOf(house.type(phone, second, { challengeId: id, holdSecret: id }))).toBe('ok')
  })

  test('wrong, unknown, expired, used and exhausted get one and the same answer', async () => {
    const house = openOtpHouse(stores)
    const answers = new Set<string>()
    const answerOf = async (phone: PhoneNumber, code: string, challengeId: string) => {
      const thrown = await house.type(phone, code, { challengeId }).then(
        () => 'signed in',
        (error: unknown) => error,
      )
      answers.add(JSON.stringify(thrown))
    }
    const asked = async () => {
      const phone = newPhone()
      const { challengeId } = await house.ask(phone)
      return { phone, challengeId, code: await house.codeFor(phone) }
    }
    const wrong = await asked()
    await answerOf(wrong.phone, otherThan(wrong.code), wrong.challengeId)
    await answerOf(wrong.phone, wrong.code, 'AAAAAAAAAAAAAAAAAAAAAA')
    for (const what of [`expires_at = now()`, `used_at = now()`, 'tries_left = 0']) {
      const dead = await asked()
      await stores.query(`update portero.challenges set ${what} where id = $1`, [dead.challengeId])
      await answerOf(dead.phone, dead.code, dead.challengeId)
    }
    expect([...answers]).toHaveLength(1)
    expect([...answers][0]).toContain('invalid_code')
  })

  test('a thousand guesses from a thousand addresses stay below the ceiling of a phone', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const lengths: number[] = []
    for (let round = 0; round < 30; round += 1) {
      const asked = await house.ask(phone).catch(() => undefined)
      if (asked !== undefined) {
        const wrong = otherThan(await house.codeFor(phone))
        const { challengeId } = asked
        const before = ((await charged(phone)) as { guesses: number }).guesses
        await atOnce(35, () => refusalOf(house.type(phone, wrong, { challengeId })))
        const compared = ((await charged(phone)) as { guesses: number }).guesses - before
        lengths.push(...Array<number>(compared).fill(asked.digits))
      }
      // Two minutes short of half an hour pass, for sends and challenges; the day of the guesses does not end.
      const times = ['created_at', 'resend_at', 'expires_at', 'dies_at'].map(
        (c) => `${c} = ${c} - interval '28 minutes'`,
      )
      await stores.query(`update portero.challenges set ${times.join(', ')} where phone = $1`, [phone])
      await stores.query(`update portero.sends set at = at - interval '28 minutes' where phone = $1`, [phone])
    }
    expect(lengths.filter((digits) => digits === 6).length).toBeLessThanOrEqual(29)
    // Twelve codes in a day, five tries each.
    expect(lengths.length).toBe(60)
  })

  test('thirty wrong codes from one address close it for strangers there, for ten minutes, and log each refusal', async () => {
    const house = openOtpHouse(stores)
    const caller = newCaller()
    const phones = Array.from({ length: 8 }, newPhone)
    const asked = await Promise.all(phones.map((phone) => house.ask(phone)))
    await house.needs.deliver.idle()
    const caught = await atOnce(40, async (i) => {
      const wrong = otherThan(await house.codeFor(phones[i % 8]!))
      return refusalOf(house.type(phones[i % 8]!, wrong, { caller, challengeId: asked[i % 8]!.challengeId }))
    })
    expect(tally(caught)).toEqual({ invalid_code: 30, too_many_tries: 10 })
    const [row] = await stores.query(
      `select count(*)::int as refused from portero.access_log where address = $1 and outcome = 'too_many_tries'`,
      [caller.address],
    )
    expect(row).toEqual({ refused: 10 })
    await stores.query(`update portero.guesses set at = at - interval '10 minutes' where address_key = $1`, [
      caller.addressKey,
    ])
    const [phone] = [newPhone()]
    const fresh = await house.ask(phone)
    const right = await house.codeFor(phone)
    expect(await refusalOf(house.type(phone, right, { caller, challengeId: fresh.challengeId }))).toBe('ok')
  })
})

describe('a known browser', () => {
  test('is known by a secret that it got when it signed in, for that phone alone', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const { deviceToken } = await signIn(house, phone)
    expect(deviceToken).toMatch(/^[\w-]{22}$/)
    const again = await signIn(house, phone, inBrowser({ deviceToken }))
    expect(again.deviceToken).toBeUndefined()
    expect(again.isNewcomer).toBe(false)
    const other = newPhone()
    expect((await signIn(house, other, inBrowser({ deviceToken }))).deviceToken).toBeUndefined()
    const [row] = await stores.query(
      'select count(distinct secret_hash)::int as secrets, count(*)::int as devices from portero.devices where phone = any ($1)',
      [[phone, other]],
    )
    expect(row).toEqual({ secrets: 1, devices: 2 })
  })

  test('a secret that we never gave is not taken over', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const planted = 'planted-by-somebody-else'
    const { deviceToken } = await signIn(house, phone, inBrowser({ deviceToken: planted }))
    expect(deviceToken).toMatch(/^[\w-]{22}$/)
    expect(deviceToken).not.toBe(planted)
  })

  test('is not made of a shared computer, nor of a program', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    expect((await signIn(house, phone, inBrowser(), { isShared: true })).deviceToken).toBeUndefined()
    expect((await signIn(house, phone, newCaller({ door: 'api' }))).deviceToken).toBeUndefined()
    expect(await stores.query('select from portero.devices where phone = $1', [phone])).toEqual([])
  })

  test('is not kept out by strangers who burn sends, live challenges, guesses and the address’s budgets, even from its address', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const { deviceToken } = await signIn(house, phone)
    const here = inBrowser({ deviceToken })
    const stranger = inBrowser({ address: here.address, addressKey: here.addressKey })
    const { length: burnt } = (
      await atOnce(60, () => refusalOf(house.ask(phone, { caller: stranger, hold: 'browser' })))
    ).filter((outcome) => outcome === 'ok')
    expect(burnt).toBe(3)
    const open = 'select id from portero.challenges where phone = $1 and used_at is null'
    for (const { id } of await stores.query<{ id: string }>(open, [phone]))
      await atOnce(6, () => refusalOf(house.type(phone, '00000000', { caller: stranger, challengeId: id })))
    await atOnce(40, () => refusalOf(house.ask(newPhone(), { caller: stranger })))
    await atOnce(40, () => refusalOf(house.type(newPhone(), '000000', { caller: stranger })))
    await stores.query(
      `insert into portero.guesses (phone, address_key, at) select $1, 'elsewhere', now() from generate_series(1, 200)`,
      [phone],
    )
    expect(await refusalOf(house.ask(phone, { caller: stranger }))).toBe('too_many_codes')
    expect(await refusalOf(house.type(phone, '000000', { caller: stranger }))).toBe('too_many_tries')

    const { challengeId, holdSecret, digits } = await house.ask(phone, { caller: here, hold: 'browser' })
    expect(digits).toBe(6)
    const code = await house.codeFor(phone)
    expect(
      await refusalOf(house.type(phone, otherThan(code), { caller: here, challengeId, holdSecret })),
    ).toBe('invalid_code')
    expect(await refusalOf(house.type(phone, code, { caller: here, challengeId, holdSecret }))).toBe('ok')
  })

  test('has budgets of its own: 3 codes in ten minutes, 10 a day, 15 wrong guesses a day', async () => {
    const house = openOtpHouse(stores, { otp: { live_challenges: 10 } })
    const phone = newPhone()
    const { deviceToken } = await signIn(house, phone)
    const here = inBrowser({ deviceToken })
    const ask = async (times: number) =>
      tally(await atOnce(times, () => refusalOf(house.ask(phone, { caller: here, hold: 'browser' }))))
    const later = () =>
      stores.query(`update portero.sends set at = at - interval '10 minutes' where phone = $1`, [phone])
    expect(await ask(5)).toEqual({ ok: 3, too_many_codes: 2 })
    await later()
    expect(await ask(5)).toEqual({ ok: 3, too_many_codes: 2 })
    await later()
    expect(await ask(5)).toEqual({ ok: 3, too_many_codes: 2 })
    await later()
    expect(await ask(5)).toEqual({ ok: 1, too_many_codes: 4 })
    const [mine] = await stores.query(
      'select count(*)::int as n from portero.sends where phone = $1 and device_id is null',
      [phone],
    )
    expect(mine).toEqual({ n: 1 })
  })

  test('forgotten after its days, and after it is forgotten', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const { deviceToken } = await signIn(house, phone)
    await stores.query(`update portero.devices set expires_at = now() where phone = $1`, [phone])
    const next = await signIn(house, phone, inBrowser({ deviceToken }))
    expect(next.deviceToken).toMatch(/^[\w-]{22}$/)
  })
})

describe('who comes in', () => {
  test('open: anybody, once, as the same person from then on', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const first = await signIn(house, phone)
    const second = await signIn(house, phone)
    expect(first.isNewcomer).toBe(true)
    expect(second.isNewcomer).toBe(false)
    expect(second.session.person).toEqual(first.session.person)
    expect(first.session.person.email).toMatch(/^u-[\da-f]{32}@people\.example$/)
  })

  test('known: whoever is on record, and nobody else, not even by the right code', async () => {
    const house = openOtpHouse(stores, { admission: 'known', demo: true })
    const [listed, unlisted] = [newPhone(), newPhone()]
    const { id } = await house.needs.peopleStore.addPerson(listed, {
      name: 'Ana Souza',
      role: 'user',
      groups: ['g'],
    })
    const { session } = await signIn(house, listed)
    expect(session.person).toMatchObject({ id, name: 'Ana Souza', role: 'user', groups: ['g'] })
    const { code, challengeId } = await house.ask(unlisted)
    expect(await refusalOf(house.type(unlisted, code!, { challengeId }))).toBe('not_admitted')
    expect(await refusalOf(house.type(unlisted, code!, { challengeId }))).toBe('invalid_code')
    expect(await stores.query('select from portero.phone_people where phone = $1', [unlisted])).toEqual([])
  })

  test('approval: a newcomer waits, without a session, until the operator says yes', async () => {
    const house = openOtpHouse(stores, { admission: 'approval' })
    const phone = newPhone()
    expect(await refusalOf(signIn(house, phone))).toBe('approval_pending')
    expect(await refusalOf(signIn(house, phone))).toBe('approval_pending')
    expect(await charged(phone)).toMatchObject({ sessions: 0 })
    const waiting = await house.needs.peopleStore.listPeople({ state: 'waiting' })
    const mine = waiting.filter(({ phones }) => phones.some((link) => link.phone === phone))
    expect(mine).toHaveLength(1)
    await house.needs.peopleStore.setState(mine[0]!.id, 'active')
    const { session, isNewcomer } = await signIn(house, phone)
    expect(session.person.id).toBe(mine[0]!.id)
    expect(isNewcomer).toBe(false)
    await house.needs.peopleStore.setState(mine[0]!.id, 'rejected')
    expect(await refusalOf(signIn(house, phone))).toBe('person_blocked')
  })

  test('nobody who is blocked, in no mode, and waiting half a year does not unblock', async () => {
    for (const admission of ['open', 'known', 'approval'] as const) {
      const house = openOtpHouse(stores, { admission })
      const phone = newPhone()
      const { id } = await house.needs.peopleStore.addPerson(phone, {})
      await house.needs.peopleStore.setState(id, 'blocked')
      expect(await refusalOf(signIn(house, phone))).toBe('person_blocked')
      await stores.query(
        `update portero.phone_people set last_used_at = now() - interval '200 days' where phone = $1`,
        [phone],
      )
      expect(await refusalOf(signIn(house, phone))).toBe('person_blocked')
    }
  })

  test('a declared link opens nobody: the phone’s own person is a new one, and the live memory stays', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const [declared] = await stores.query<{ id: string }>(
      `with one as (insert into public.usuarios (nombre) values ('Juan') returning id),
            link as (insert into portero.phone_people (phone, person_id, belongs) select $1, id, 'declared' from one),
            memory as (insert into public.telefono_usuario (telefono, usuario_id) select $1, id from one)
       select id from one`,
      [phone],
    )
    const { session, isNewcomer, others } = await signIn(house, phone)
    expect(session.person.id).not.toBe(declared!.id)
    expect([isNewcomer, others]).toEqual([true, []])
    const memory = 'select usuario_id from public.telefono_usuario where telefono = $1'
    expect(await stores.query(memory, [phone])).toEqual([{ usuario_id: declared!.id }])
    await stores.query(
      `update public.telefono_usuario set ultimo_acceso = now() - interval '31 days' where telefono = $1`,
      [phone],
    )
    await signIn(house, phone)
    expect(await stores.query(memory, [phone])).toEqual([{ usuario_id: session.person.id }])
  })

  test('of a family on one phone, who came last; the others are named', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    await stores.query(
      `with family as (insert into public.usuarios (nombre, apellido) values ('Ana', 'Paz'), ('Luz', 'Paz'), ('Eva', 'Paz') returning id, nombre)
       insert into portero.phone_people (phone, person_id, belongs, last_used_at)
       select $1, id, 'attested', now() - case nombre when 'Luz' then interval '1 hour' when 'Ana' then interval '1 day' else interval '200 days' end
         from family`,
      [phone],
    )
    const { session, others } = await signIn(house, phone)
    expect(session.person.name).toBe('Luz Paz')
    expect(others.map(({ name }) => name)).toEqual(['Ana Paz'])
  })
})

describe('a number that nobody used for half a year', () => {
  const idle = async (phone: PhoneNumber) => {
    await stores.query(
      `update portero.phone_people set last_used_at = now() - interval '181 days' where phone = $1`,
      [phone],
    )
  }

  test('opens its person to the browser that they used, and a fresh person to anybody else; old sessions end', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const owner = await signIn(house, phone)
    await idle(phone)
    const byDevice = await signIn(house, phone, inBrowser({ deviceToken: owner.deviceToken }))
    expect(byDevice.session.person.id).toBe(owner.session.person.id)
    await idle(phone)
    const stranger = await signIn(house, phone)
    expect(stranger.session.person.id).not.toBe(owner.session.person.id)
    expect([stranger.isNewcomer, stranger.others]).toEqual([true, []])
    expect(await stores.sessionStore.listSessions(owner.session.person.id)).toEqual([])
    expect(
      await stores.query('select distinct ended_why from portero.sessions where person_id = $1', [
        owner.session.person.id,
      ]),
    ).toEqual([{ ended_why: 'number_idle' }])
    const again = await signIn(house, phone, inBrowser({ deviceToken: stranger.deviceToken }))
    expect(again.session.person.id).toBe(stranger.session.person.id)
    expect(again.others).toEqual([])
    await stores.query('delete from public.usuarios where id = $1', [stranger.session.person.id])
    const anew = await signIn(house, phone, inBrowser({ deviceToken: stranger.deviceToken }))
    expect([anew.isNewcomer, anew.others]).toEqual([true, []])
  })

  test.each(['known', 'approval'] as const)(
    'waits for the operator where admission is %s',
    async (admission) => {
      const house = openOtpHouse(stores, { admission })
      const phone = newPhone()
      const { id } = await house.needs.peopleStore.addPerson(phone, { name: 'Ana' })
      await idle(phone)
      expect(await refusalOf(signIn(house, phone))).toBe('approval_pending')
      const people = await house.needs.peopleStore.findByPhone(phone)
      expect(people.map(({ state }) => state).sort()).toEqual(['active', 'waiting'])
      const fresh = people.find((person) => person.id !== id)!
      await house.needs.peopleStore.setState(fresh.id, 'active')
      expect((await signIn(house, phone)).session.person.id).toBe(fresh.id)
    },
  )
})

describe('the session that opens', () => {
  test('says by which channels the code may have come, and not by those that failed', async () => {
    const house = openOtpHouse(stores)
    const [phone, caller] = [newPhone(), newCaller()]
    const { challengeId } = await house.ask(phone, { caller, channel: 'whatsapp' })
    const code = await house.codeFor(phone)
    await stores.query(
      `insert into portero.deliveries (challenge_id, phone, channel, provider, locale, state, asked_at)
       select $1, $2, channel, 'test', 'es', state, now()
         from (values ('sms', 'unknown'), ('voice', 'failed'), ('whatsapp', 'failed')) as d (channel, state)`,
      [challengeId, phone],
    )
    const { session } = await house.type(phone, code, { caller })
    expect(session.amr).toEqual(['otp', 'sms', 'whatsapp'])
  })

  test('replaces the one that the browser had, here and in the feed', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const first = await signIn(house, phone)
    const other = await signIn(house, newPhone(), inBrowser(), { replacesSessionId: first.session.id })
    expect(other.session.id).not.toBe(first.session.id)
    expect(house.needs.sessionDirectory.find(first.session.id)).toBeUndefined()
    expect(await stores.sessionStore.readSession(first.session.id)).toBeUndefined()
    expect(
      await stores.query('select from portero.revocations where session_id = $1', [first.session.id]),
    ).toHaveLength(1)
    expect(await house.needs.sessionDirectory.find(other.session.id)).toMatchObject({ id: other.session.id })
  })

  test('is not replaced by a code that was wrong', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const { session } = await signIn(house, phone)
    const asked = await house.ask(phone)
    const wrong = otherThan(await house.codeFor(phone))
    const { challengeId } = asked
    await refusalOf(house.type(phone, wrong, { challengeId, replacesSessionId: session.id }))
    expect(await stores.sessionStore.readSession(session.id)).toBeDefined()
  })

  test('ends the oldest ones of its person above the limit', async () => {
    const house = openOtpHouse(stores, { sessions: { max_per_person: 2 } })
    const phone = newPhone()
    const first = await signIn(house, phone)
    const second = await signIn(house, phone)
    const third = await signIn(house, phone)
    const left = await stores.sessionStore.listSessions(first.session.person.id)
    expect(left.map(({ id }) => id).sort()).toEqual([second.session.id, third.session.id].sort())
    const why = await stores.query('select ended_why from portero.sessions where id = $1', [first.session.id])
    expect(why).toEqual([{ ended_why: 'too_many' }])
  })

  const hour = 3_600_000
  test.each([
    ['a person', undefined, false, 30 * 24 * hour, 180 * 24 * hour],
    ['an administrator', 'admin', false, 12 * hour, 12 * hour],
    ['a person on a shared computer', undefined, true, hour / 2, 8 * hour],
    ['an administrator on a shared computer', 'admin', true, hour / 2, 8 * hour],
  ] as const)('lasts as long as it may: %s', async (_who, role, isShared, idleMs, lifeMs) => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    await house.needs.peopleStore.addPerson(phone, { role })
    const { session } = await signIn(house, phone, inBrowser(), { isShared })
    const ends = Math.min(session.idleEndsAt, session.endsAt)
    expect(ends - session.startedAt).toBe(Math.min(idleMs, lifeMs))
    expect(session.endsAt - session.startedAt).toBe(lifeMs)
    expect(session.isShared).toBe(isShared)
  })
})
