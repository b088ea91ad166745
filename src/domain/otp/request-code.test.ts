import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openOtpHouse, otherThan, refusalOf } from '../../../test/support/otp-house.ts'
import { atOnce, newCaller, newPhone, tally } from '../../../test/support/samples.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import { canonicalPhone, type PhoneNumber } from '../phones/phone-number.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

/** Moves everything about a phone's codes into the past. */
async function age(phone: PhoneNumber, seconds: number): Promise<void> {
  const past = (columns: string[]) =>
    columns.map((column) => `${column} = ${column} - make_interval(secs => $2)`).join(', ')
  const times = ['created_at', 'resend_at', 'expires_at', 'dies_at']
  await stores.query(`update portero.challenges set ${past(times)} where phone = $1`, [phone, seconds])
  for (const table of ['sends', 'guesses'])
    await stores.query(`update portero.${table} set ${past(['at'])} where phone = $1`, [phone, seconds])
}

/** How many rows there are of everything that somebody could be charged by. */
async function charges(): Promise<unknown> {
  const tables = ['challenges', 'sends', 'guesses', 'deliveries', 'devices', 'sessions', 'people']
  const counts = tables.map((table) => `(select count(*)::int from portero.${table}) as ${table}`)
  const tries = '(select sum(tries_left)::int from portero.challenges) as tries'
  const [row] = await stores.query(`select ${[...counts, tries].join(', ')}`)
  return row
}

const seconds = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (thrown) => thrown.facts?.retryAfterSeconds as number | undefined,
  )

describe('asking for a code', () => {
  test('answers what the person must know, and sends one message with the code', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const asked = await house.ask(phone)
    expect(asked).toEqual({
      ...{ challengeId: expect.stringMatching(/^[\w-]{22}$/), phone, channel: 'sms', digits: 6 },
      ...{ expiresInSeconds: 300, resendInSeconds: 30, isSent: true, holdSecret: undefined, code: undefined },
    })
    const code = await house.codeFor(phone)
    expect(code).toMatch(/^\d{6}$/)
    expect(house.sent).toHaveLength(1)
    expect(house.sent[0]!.text).toContain(code)
    const [row] = await stores.query(
      `select d.state, d.provider_message_id, c::text as row from portero.deliveries d
         join portero.challenges c on c.id = d.challenge_id where d.phone = $1`,
      [phone],
    )
    expect(row).toMatchObject({ state: 'accepted', provider_message_id: 'm1' })
    expect(row!.row).not.toContain(code)
  })

  test('shows the code in demo mode and only there', async () => {
    const house = openOtpHouse(stores, { demo: true })
    const phone = newPhone()
    const caller = newCaller()
    const { code } = await house.ask(phone, { caller })
    expect(code).toBe(await house.codeFor(phone))
    expect((await house.ask(phone, { caller })).code).toBe(code)
  })

  test('gives a holding secret to a browser, and only with a new challenge', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const first = await house.ask(phone, { hold: 'browser' })
    expect(first.holdSecret).toMatch(/^[\w-]{22}$/)
    const holds = { challengeId: first.challengeId, secret: first.holdSecret! }
    const early = await house.ask(phone, { hold: 'browser', holds })
    expect(early).toMatchObject({ challengeId: first.challengeId, isSent: false, holdSecret: undefined })
    const stranger = await house.ask(phone, { hold: 'browser', holds: { ...holds, secret: 'guessed' } })
    expect(stranger.challengeId).not.toBe(first.challengeId)
    expect((await house.ask(phone, { hold: 'id' })).holdSecret).toBeUndefined()
  })

  test.each([
    ['+59899123456', undefined, 'country_not_allowed'],
    ['+881612345678', undefined, 'country_not_allowed'],
    ['+5511322112345', undefined, 'phone_not_reachable'],
    ['+551131234567', 'sms', 'phone_not_reachable'],
    ['+5508001234567', undefined, 'phone_not_reachable'],
    ['+5511961234567', 'voice', 'channel_not_available'],
  ] as const)('refuses %s by %s: %s, and stores and sends nothing', async (number, channel, code) => {
    const house = openOtpHouse(stores)
    const before = await charges()
    expect(await refusalOf(house.ask(canonicalPhone(number), { channel }))).toBe(code)
    expect(await charges()).toEqual(before)
    expect(house.sent).toEqual([])
  })

  test('refuses when nothing can send', async () => {
    expect(await refusalOf(openOtpHouse(stores, { channels: [] }).ask(newPhone()))).toBe(
      'delivery_unavailable',
    )
  })

  test('asked too early it answers the same challenge, sends nothing and charges nothing', async () => {
    const house = openOtpHouse(stores)
    const [phone, caller] = [newPhone(), newCaller()]
    const first = await house.ask(phone, { caller })
    const before = await charges()
    const again = await house.ask(phone, { caller, channel: 'whatsapp' })
    expect(again).toMatchObject({ challengeId: first.challengeId, channel: 'sms', isSent: false })
    expect(again.resendInSeconds).toBeGreaterThan(27)
    expect(await charges()).toEqual(before)
    await house.needs.deliver.idle()
    expect(house.sent).toHaveLength(1)
  })

  test('sends the same code again after 30, 60 and 120 seconds, on any channel, and never past ten minutes', async () => {
    const house = openOtpHouse(stores)
    const [phone, caller] = [newPhone(), newCaller()]
    const first = await house.ask(phone, { caller })
    const code = await house.codeFor(phone)
    const ladder = [first.resendInSeconds]
    const ends = [first.expiresInSeconds]
    for (const wait of [30, 60, 120]) {
      await age(phone, wait - 2)
      expect((await house.ask(phone, { caller })).isSent).toBe(false)
      await age(phone, 2)
      const again = await house.ask(phone, { caller, channel: 'whatsapp' })
      expect(again).toMatchObject({ challengeId: first.challengeId, isSent: true, channel: 'whatsapp' })
      ladder.push(again.resendInSeconds)
      ends.push(again.expiresInSeconds)
      expect(await house.codeFor(phone)).toBe(code)
    }
    expect(ladder).toEqual([30, 60, 120, 300])
    expect(ends).toEqual([300, 300, 300, 300])
    await stores.query(
      `update portero.challenges set resend_at = now(), dies_at = now() + interval '150 seconds',
         expires_at = now() + interval '100 seconds' where phone = $1`,
      [phone],
    )
    const last = await house.ask(phone, { caller })
    expect(last).toMatchObject({ challengeId: first.challengeId, isSent: true })
    expect(last.expiresInSeconds).toBeGreaterThan(147)
    expect(last.expiresInSeconds).toBeLessThanOrEqual(150)
    await stores.query(
      `update portero.challenges set resend_at = now(), dies_at = now() + interval '50 seconds' where phone = $1`,
      [phone],
    )
    await stores.query('delete from portero.sends where phone = $1', [phone])
    const fresh = await house.ask(phone, { caller })
    expect(fresh.challengeId).not.toBe(first.challengeId)
    expect(fresh.expiresInSeconds).toBe(300)
    expect(await house.codeFor(phone)).not.toBe(code)
  })

  test('strangers get 5 codes in ten minutes, 8 an hour, 12 a day for a phone, and one address 6 of them', async () => {
    const house = openOtpHouse(stores, { otp: { live_challenges: 10 } })
    const phone = newPhone()
    const greedy = newCaller()
    const burst = async (times: number, caller?: ReturnType<typeof newCaller>) =>
      tally(
        await atOnce(times, (i) =>
          refusalOf(
            house.ask(phone, { caller: caller ?? newCaller(), hold: 'browser', locale: i % 2 ? 'en' : 'es' }),
          ),
        ),
      )
    expect(await burst(20, greedy)).toEqual({ ok: 5, too_many_codes: 15 })
    expect(await seconds(house.ask(phone))).toBeGreaterThan(595)
    await age(phone, 601)
    expect(await burst(20, greedy)).toEqual({ ok: 1, too_many_codes: 19 })
    expect(await burst(20)).toEqual({ ok: 2, too_many_codes: 18 })
    expect(await seconds(house.ask(phone))).toBeGreaterThan(2900)
    await age(phone, 3601)
    expect(await burst(20, greedy)).toEqual({ too_many_codes: 20 })
    expect(await burst(20)).toEqual({ ok: 4, too_many_codes: 16 })
    expect(await seconds(house.ask(phone))).toBeGreaterThan(80_000)
    await age(phone, 86_400)
    expect(await burst(20, greedy)).toEqual({ ok: 5, too_many_codes: 15 })
  })

  test('an address gets 20 codes an hour and 60 a day, wider for an office, and refusals charge nobody', async () => {
    const house = openOtpHouse(stores)
    const caller = newCaller()
    const ask = async (times: number, who = caller) =>
      tally(await atOnce(times, () => refusalOf(house.ask(newPhone(), { caller: who }))))
    const hourLater = () =>
      stores.query(`update portero.sends set at = at - interval '1 hour' where address_key = $1`, [
        caller.addressKey,
      ])
    expect(await ask(40)).toEqual({ ok: 20, too_many_codes: 20 })
    const before = await charges()
    expect(await ask(10)).toEqual({ too_many_codes: 10 })
    expect(await charges()).toEqual(before)
    await hourLater()
    expect(await ask(25)).toEqual({ ok: 20, too_many_codes: 5 })
    await hourLater()
    expect(await ask(25)).toEqual({ ok: 20, too_many_codes: 5 })
    await hourLater()
    expect(await ask(5)).toEqual({ too_many_codes: 5 })
    expect(await ask(25, newCaller({ budgetFactor: 1.2 }))).toEqual({ ok: 24, too_many_codes: 1 })
  })

  test('answers alike for listed, unlisted, waiting and blocked numbers, and writes to whoever may come', async () => {
    const house = openOtpHouse(stores, { admission: 'known' })
    const [listed, unlisted, blocked, declared] = [newPhone(), newPhone(), newPhone(), newPhone()]
    await house.needs.peopleStore.addPerson(listed, { name: 'Ana' })
    const { id } = await house.needs.peopleStore.addPerson(blocked, { name: 'Eva' })
    await house.needs.peopleStore.setState(id, 'blocked')
    await stores.query(
      `with one as (insert into public.usuarios (nombre) values ('Luz') returning id)
       insert into portero.phone_people (phone, person_id, belongs) select $1, id, 'declared' from one`,
      [declared],
    )
    const answers = []
    for (const phone of [listed, unlisted, blocked, declared]) {
      const { challengeId, phone: _, ...answer } = await house.ask(phone)
      answers.push({ ...answer, id: challengeId.length })
    }
    for (const answer of answers) expect(answer).toEqual(answers[0])
    await house.needs.deliver.idle()
    expect(house.sent.map(({ to }) => to).sort()).toEqual([listed, blocked].sort())
    const rows = await stores.query(
      `select d.phone, d.state, d.reason, c.tries_left from portero.deliveries d join portero.challenges c on c.id = d.challenge_id
        where d.phone = any ($1) and d.state = 'failed' order by 1`,
      [[unlisted, declared]],
    )
    expect(rows.map(({ reason, tries_left }) => ({ reason, tries_left }))).toEqual([
      { reason: 'not_admitted', tries_left: 5 },
      { reason: 'not_admitted', tries_left: 5 },
    ])
    const again = []
    for (const phone of [listed, unlisted, blocked, declared])
      for (let i = 0; i < 6; i += 1) again.push(await refusalOf(house.ask(phone, { hold: 'browser' })))
    expect(again).toEqual(
      Array(4)
        .fill(['ok', 'ok', ...Array(4).fill('too_many_codes')])
        .flat(),
    )
  })

  test('codes grow to eight digits while guesses come in by the hundred, wherever from', async () => {
    const calm = openOtpHouse(stores)
    const phone = newPhone()
    await calm.ask(phone)
    const code = await calm.codeFor(phone)
    await refusalOf(calm.type(phone, otherThan(code)))
    const alarmed = openOtpHouse(stores, { limits: { service_wrong_guesses_per_hour: 1 } })
    expect(await alarmed.ask(newPhone())).toMatchObject({ digits: 8 })
    expect(await calm.ask(newPhone())).toMatchObject({ digits: 6 })
  })

  test('a prefix at its limit stops strangers for its numbers alone', async () => {
    const prefix = '+551198888'
    const [one, two, three] = ['0001', '0002', '0003'].map((end) => canonicalPhone(`${prefix}${end}`))
    const limits = { prefix_sends_per_hour: 2 }
    await openOtpHouse(stores, { limits }).ask(one!)
    await openOtpHouse(stores, { limits }).ask(two!)
    const house = openOtpHouse(stores, { limits })
    expect(await refusalOf(house.ask(three!))).toBe('too_many_codes')
    expect(await refusalOf(house.ask(newPhone()))).toBe('ok')
    expect(await seconds(house.ask(three!))).toBe(600)
  })

  test('no code is of use without the key: the tables hold neither it nor what a guess could be compared with', async () => {
    const house = openOtpHouse(stores)
    const phone = newPhone()
    const { challengeId } = await house.ask(phone)
    const code = await house.codeFor(phone)
    const other = openOtpHouse(stores, { secrets: ['another secret of the keyring, of more than 32 bytes'] })
    expect(await refusalOf(other.type(phone, code, { challengeId }))).toBe('invalid_code')
    expect(await refusalOf(house.type(phone, code, { challengeId }))).toBe('ok')
  })

  test('a code outlives the rotation of the keys', async () => {
    const older = openOtpHouse(stores)
    const [phone, caller] = [newPhone(), newCaller()]
    await older.ask(phone, { caller })
    const code = await older.codeFor(phone)
    const newer = openOtpHouse(stores, {
      secrets: [
        'another secret of the keyring, of more than 32 bytes',
        'a secret of the keyring for tests, of more than 32 bytes',
      ],
    })
    await age(phone, 30)
    await newer.ask(phone, { caller })
    expect(await newer.codeFor(phone)).toBe(code)
    expect(await refusalOf(newer.type(phone, code, { caller }))).toBe('ok')
  })
})
