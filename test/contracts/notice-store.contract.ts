import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { NewNotice } from '../../src/domain/chat/notices-of.ts'
import type { SessionNotice } from '../../src/domain/notices/notice-store.ts'
import type { SignedIn } from '../../src/domain/otp/start-session.ts'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import { incoming, talking } from '../support/chats.ts'
import { openOtpHouse, refusalOf } from '../support/otp-house.ts'
import { atOnce, newCaller, newPhone } from '../support/samples.ts'
import type { Stores } from '../support/stores.ts'

const channels = ['whatsapp', 'simulator']
const reply = { text: 'se abrió una sesión', buttons: [] }

/** What every store of notices promises (domain/notices/notice-store.ts). */
export function noticeStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of stores of session notices`, () => {
    let stores: Stores
    let house: ReturnType<typeof openOtpHouse>
    let phone: PhoneNumber
    beforeAll(async () => {
      stores = await open()
      house = openOtpHouse(stores)
    })
    afterAll(() => stores.close(), 60_000)
    beforeEach(async () => {
      await stores.query(
        'truncate portero.session_notices, portero.chats, portero.outbox, portero.chat_notices, portero.link_codes',
      )
      phone = newPhone()
    })

    async function signIn(over: { deviceToken?: string; isShared?: boolean; door?: 'pages' | 'api' } = {}) {
      const caller = newCaller({ door: over.door ?? 'pages', deviceToken: over.deviceToken })
      for (const move of ['challenges set created_at = now() -', 'sends set at = now() -'])
        await stores.query(`update portero.${move} interval '2 days' where phone = $1`, [phone])
      const { challengeId } = await house.ask(phone, { caller })
      return house.type(phone, await house.codeFor(phone), {
        ...{ caller, challengeId, isShared: over.isShared ?? false },
      })
    }
    const noticed = async () =>
      (
        await stores.query<{ session_id: string }>(
          'select session_id from portero.session_notices order by created_at',
        )
      ).map(({ session_id }) => session_id)
    const idOf = ({ session }: SignedIn) => session.id
    const notices = () => stores.noticeStore
    async function take(): Promise<{ notice: SessionNotice; token: string }> {
      const token = randomUUID()
      const notice = await notices().take(token, 60, channels)
      if (notice?.kind !== 'session') throw new Error('there is no notice of a session')
      return { notice, token }
    }
    async function told(): Promise<SessionNotice> {
      const { notice, token } = await take()
      await notices().settle(notice.id, token, { told: 'sms' })
      return notice
    }
    const say = (nonce: string | undefined, stopSeconds = 0, of = phone) =>
      notices().disown({ phone: of, nonce }, stopSeconds)
    const isLive = async (of: SignedIn) => (await stores.sessionStore.readSession(idOf(of))) !== undefined

    test('a newcomer’s first session is none; every sign-in without a device cookie of this phone is one', async () => {
      const first = await signIn()
      expect(await noticed()).toEqual([])
      await signIn({ deviceToken: first.deviceToken! })
      expect(await noticed()).toEqual([])
      const other = await signIn()
      const shared = await signIn({ isShared: true })
      const program = await signIn({ door: 'api' })
      expect(await noticed()).toEqual([other, shared, program].map(idOf))
      await signIn({ deviceToken: other.deviceToken! })
      expect(await noticed()).toHaveLength(3)
    })

    test('a browser that is known for another phone is new for this one', async () => {
      await signIn()
      const mine = phone
      phone = newPhone()
      const { deviceToken } = await signIn()
      phone = mine
      const taken = await signIn({ deviceToken: deviceToken! })
      expect(await noticed()).toEqual([idOf(taken)])
    })

    test('is written with the session or not at all', async () => {
      await signIn()
      await stores.query('alter table portero.session_notices add constraint no check (false) not valid')
      await expect(signIn()).rejects.toThrow()
      await stores.query('alter table portero.session_notices drop constraint no')
      const [row] = await stores.query('select count(*)::int from portero.sessions where phone = $1', [phone])
      expect(row).toEqual({ count: 1 })
    })

    test('a session that goes on as another person of the phone is none, and ends with the one that was disowned', async () => {
      const first = await signIn()
      const { id: beside } = await stores.peopleStore.addPersonBeside(
        phone,
        { name: 'Ana Pérez', role: undefined, groups: [] },
        180,
      )
      const stolen = await signIn()
      const notice = await told()
      const switched = await stores.sessionStore.switchPerson({
        ...{
          sessionId: idOf(stolen),
          personId: beside,
          idleLinkDays: 180,
          sessionsMax: 20,
          caller: newCaller(),
        },
      })
      if (switched.outcome !== 'switched') throw new Error(switched.outcome)
      expect(await noticed()).toHaveLength(1)
      const disowned = await say(notice.nonce)
      expect(disowned).toMatchObject({ isFirst: true, sessionIds: [switched.session.id] })
      expect(await stores.sessionStore.readSession(switched.session.id)).toBeUndefined()
      expect(await isLive(first)).toBe(true)
    })

    test('fifty workers take each of twenty once, and nobody takes one that somebody has', async () => {
      await signIn()
      for (let i = 0; i < 20; i++) await signIn({ door: 'api' })
      const taken = await atOnce(50, async () => {
        const mine: string[] = []
        for (;;) {
          const notice = await notices().take(randomUUID(), 60, channels)
          if (notice === undefined) return mine
          mine.push(notice.id)
        }
      })
      expect(taken.flat()).toHaveLength(20)
      expect(new Set(taken.flat()).size).toBe(20)
    })

    test('one that a dead process had is taken again after the lease; a late word of the dead changes nothing', async () => {
      await signIn()
      await signIn()
      const { notice, token } = await take()
      expect(notice.attempts).toBe(1)
      expect(await notices().take(randomUUID(), 60, channels)).toBeUndefined()
      await stores.query(`update portero.session_notices set due_at = now() - interval '1 second'`)
      const again = await take()
      expect(again.notice).toMatchObject({ id: notice.id, attempts: 2 })
      await notices().settle(notice.id, token, { told: 'sms' })
      await notices().hold(notice.id, token, channels)
      const [row] = await stores.query('select told_by, is_waiting from portero.session_notices')
      expect(row).toEqual({ told_by: null, is_waiting: false })
    })

    test('is said in an open chat once, however many say it, and in none that is closed', async () => {
      await signIn()
      await signIn()
      const { notice, token } = await take()
      const chatKey = `whatsapp:${phone}`
      expect(await notices().sayInChat(notice.id, token, chatKey, reply)).toBe(false)
      await stores.chatStore.receive([incoming({ phone })])
      await stores.query(`update portero.chats set last_message_at = now() - interval '25 hours'`)
      expect(await notices().sayInChat(notice.id, token, chatKey, reply)).toBe(false)
      await stores.query('update portero.chats set last_message_at = now()')
      const said = await atOnce(50, () => notices().sayInChat(notice.id, token, chatKey, reply))
      expect(said.filter(Boolean)).toHaveLength(1)
      expect(await stores.query('select reply from portero.outbox')).toEqual([{ reply }])
    })

    test('waits for the phone to write, or not even that when it wrote meanwhile', async () => {
      await signIn()
      await signIn()
      const { notice, token } = await take()
      await notices().hold(notice.id, token, channels)
      expect(await notices().take(randomUUID(), 60, channels)).toBeUndefined()
      await stores.chatStore.receive([incoming()])
      expect(await notices().take(randomUUID(), 60, channels)).toBeUndefined()
      await stores.chatStore.receive([incoming({ phone })])
      const again = await take()
      expect(again.notice.id).toBe(notice.id)
      await notices().hold(notice.id, again.token, channels)
      expect((await take()).notice.id).toBe(notice.id)
    })

    test('says of a phone that it wants no notices, and then waits for one message after the other', async () => {
      await signIn()
      const message = incoming({ phone })
      await stores.chatStore.receive([message])
      await stores.query('update portero.chats set state = $1', [
        JSON.stringify(talking({ isSilenced: true })),
      ])
      await signIn()
      const { notice, token } = await take()
      expect(notice.isSilenced).toBe(true)
      await notices().hold(notice.id, token, channels)
      expect(await notices().take(randomUUID(), 60, channels)).toBeUndefined()
      await stores.chatStore.receive([incoming({ phone })])
      expect((await take()).notice.isSilenced).toBe(true)
    })

    test('a hidden number that was shared is told in its chat too', async () => {
      await signIn()
      await stores.query(
        `insert into portero.hidden_numbers (channel, user_id, phone, shared_at) values ('whatsapp', 'AR.1', $1, now())
         on conflict (channel, user_id) do update set phone = excluded.phone`,
        [phone],
      )
      await signIn()
      const { notice, token } = await take()
      await notices().hold(notice.id, token, channels)
      await stores.chatStore.receive([incoming({ chatKey: 'whatsapp:AR.1', address: 'AR.1' })])
      expect((await take()).notice.id).toBe(notice.id)
    })

    test('"no fui yo" ends that session alone, makes its browser unknown, and is told to whoever follows revocations', async () => {
      const first = await signIn()
      const stolen = await signIn()
      const notice = await told()
      const another = await signIn()
      const before = (await stores.sessionStore.readRevocations(undefined)).next
      expect(await say(notice.nonce)).toEqual({
        ...{ personId: stolen.session.person.id, isFirst: true, sessionIds: [idOf(stolen)] },
      })
      expect(await Promise.all([first, stolen, another].map(isLive))).toEqual([true, false, true])
      const { revocations } = await stores.sessionStore.readRevocations(before)
      expect(revocations).toContainEqual(expect.objectContaining({ sessionId: idOf(stolen) }))
      const [device] = await stores.query(
        'select count(*)::int from portero.devices where phone = $1 and secret_hash = sha256($2::text::bytea)',
        [phone, stolen.deviceToken],
      )
      expect(device).toEqual({ count: 0 })
      const back = await signIn({ deviceToken: stolen.deviceToken! })
      expect(await noticed()).toContain(idOf(back))
    })

    test('ends what the stolen browser signed in with since', async () => {
      await signIn()
      const stolen = await signIn()
      const notice = await told()
      const since = await signIn({ deviceToken: stolen.deviceToken! })
      expect((await say(notice.nonce))?.sessionIds.toSorted()).toEqual([stolen, since].map(idOf).toSorted())
    })

    test('said a hundred times at once it is done once, and every answer is the same but for that', async () => {
      await signIn()
      const stolen = await signIn()
      const { nonce } = await told()
      const answers = await atOnce(100, () => say(nonce, 3600))
      expect(answers.every((answer) => answer?.personId === stolen.session.person.id)).toBe(true)
      expect(answers.filter((answer) => answer?.isFirst)).toHaveLength(1)
      const rows = await stores.query(
        `select outcome from portero.access_log where event = 'session_disowned' and phone = $1`,
        [phone],
      )
      expect(rows).toEqual([{ outcome: 'ended' }])
    })

    test('a nonce means nothing from another phone, nor one that was never given', async () => {
      await signIn()
      const stolen = await signIn()
      const { nonce } = await told()
      expect(await say(nonce, 0, newPhone())).toBeUndefined()
      expect(await say(randomUUID().replaceAll('-', ''))).toBeUndefined()
      expect(await isLive(stolen)).toBe(true)
    })

    test('works by the button weeks later, and by words for a week, for the one that was told last', async () => {
      await signIn()
      expect(await say(undefined)).toBeUndefined()
      await signIn()
      expect(await say(undefined)).toBeUndefined()
      const older = await told()
      const second = await signIn()
      await told()
      await stores.query(`update portero.session_notices set told_at = told_at - interval '6 days'`)
      expect(await say(undefined)).toMatchObject({ sessionIds: [idOf(second)] })
      expect(await say(undefined)).toMatchObject({ isFirst: false, sessionIds: [] })
      await stores.query(`update portero.session_notices set told_at = told_at - interval '2 days'`)
      expect(await say(undefined)).toBeUndefined()
      expect(await say(older.nonce)).toMatchObject({ isFirst: true })
    })

    /** A message of some chat that comes to these notices, decided. */
    async function decide(told: readonly NewNotice[], over: { token?: string } = {}): Promise<boolean> {
      const message = incoming()
      await stores.chatStore.receive([message])
      const token = randomUUID()
      const chat = (await stores.chatStore.lease(token, 10, message.chatKey))!
      return await stores.chatStore.decide(message.chatKey, over.token ?? token, {
        ...{ messageIds: chat.messages.map(({ id }) => id), replies: [], notices: told },
      })
    }
    /** Tells what waits, by SMS. */
    async function tellAll(): Promise<void> {
      for (;;) {
        const token = randomUUID()
        const notice = await notices().take(token, 60, channels)
        if (notice === undefined) return
        await notices().settle(notice.id, token, { told: 'sms' })
      }
    }
    const documents = () =>
      stores.query<{ phone: string; person_id: string }>(
        `select phone, person_id from portero.session_notices where kind = 'document'`,
      )

    test('of a document a phone is told once a day for each person, however many decisions come to it', async () => {
      const [person, other, second] = [randomUUID(), randomUUID(), newPhone()]
      const done = await atOnce(60, (i) =>
        decide([
          ...[
            { phone, personId: person },
            { phone: second, personId: person },
          ].toSorted(() => (i % 2 ? 1 : -1)),
          { phone, personId: other },
        ]),
      )
      expect(done.every(Boolean)).toBe(true)
      expect(await documents()).toHaveLength(3)
      await tellAll()
      await decide([{ phone, personId: person }])
      expect(await documents()).toHaveLength(3)
      await stores.query(`update portero.session_notices set created_at = created_at - interval '25 hours'`)
      await decide([{ phone, personId: person }])
      expect(await documents()).toHaveLength(4)
    })

    test('of a document nothing is written by a decision that does not count', async () => {
      expect(await decide([{ phone, personId: randomUUID() }], { token: randomUUID() })).toBe(false)
      expect(await documents()).toEqual([])
    })

    test('of a document one notice waits, however many days it is typed, and it is the newest that is told', async () => {
      const personId = randomUUID()
      await decide([{ phone, personId }])
      const token = randomUUID()
      const notice = (await notices().take(token, 60, channels))!
      expect(notice).toMatchObject({ kind: 'document', phone, personId, isSilenced: false, paidLately: 0 })
      await notices().hold(notice.id, token, channels)
      await stores.query(`update portero.session_notices set created_at = created_at - interval '20 days'`)
      await decide([{ phone, personId }])
      expect(await documents()).toHaveLength(1)
      await stores.query('select portero.sweep_session_notices(10, 100)')
      await stores.chatStore.receive([incoming({ phone })])
      expect(await notices().take(randomUUID(), 60, channels)).toMatchObject({ id: notice.id })
    })

    /** A code went to this phone, because somebody writes from another one that says to be this person. */
    const codeTo = (personId: string, over: { isSent?: boolean; state?: string } = {}) =>
      stores.query(
        `with c as (
           insert into portero.link_codes (id, asker, is_proof, person_id, target, is_sent, salt, key_id, proof, tries_left, created_at, expires_at)
           values (gen_random_uuid(), '+5491100000000', true, $1, $2, $3, '', 'k', '', 5, clock_timestamp(), now()) returning id)
         insert into portero.deliveries (challenge_id, phone, channel, provider, locale, state, asked_at)
           select id, $2, 'sms', 'test', 'es', $4, now() from c`,
        [personId, phone, over.isSent ?? true, over.state ?? 'accepted'],
      )
    /** Somebody on record, whom a code may be about. */
    const somebody = async () =>
      (await stores.query<{ id: string }>('insert into public.usuarios default values returning id'))[0]!.id

    test('words mean the code that went to this phone since, and end no session of its owner', async () => {
      const personId = await somebody()
      await signIn()
      const mine = await signIn()
      const notice = await told()
      expect(await notices().readPersonTold(phone)).toBeUndefined()
      await codeTo(personId)
      expect(await say(undefined)).toBeUndefined()
      expect(await notices().readPersonTold(phone)).toBe(personId)
      expect(await isLive(mine)).toBe(true)
      expect(await notices().readSessionTold(phone)).toBe(notice.nonce)
      // The button means its session all the same, and a session that is told of later comes first again.
      expect(await say(notice.nonce)).toMatchObject({ isFirst: true })
      expect(await notices().readSessionTold(phone)).toBeUndefined()
      const stolen = await signIn()
      await told()
      expect(await say(undefined)).toMatchObject({ sessionIds: [idOf(stolen)] })
    })

    test('a code that went nowhere, or to another phone, was told to nobody here', async () => {
      await signIn()
      const stolen = await signIn()
      await told()
      await codeTo(await somebody(), { isSent: false })
      await codeTo(await somebody(), { state: 'failed' })
      const mine = phone
      phone = newPhone()
      await codeTo(await somebody())
      phone = mine
      expect(await notices().readPersonTold(phone)).toBeUndefined()
      expect(await say(undefined)).toMatchObject({ sessionIds: [idOf(stolen)] })
    })

    test('words mean the document that this phone was told of since, by whatever way, for a week', async () => {
      const personId = randomUUID()
      await signIn()
      await signIn()
      await told()
      await decide([{ phone, personId }])
      expect(await notices().readPersonTold(phone)).toBeUndefined()
      await tellAll()
      expect(await say(undefined)).toBeUndefined()
      expect(await notices().readPersonTold(phone)).toBe(personId)
      await codeTo(await somebody())
      expect(await notices().readPersonTold(phone)).not.toBe(personId)
      await stores.query('truncate portero.link_codes')
      await stores.query(`update portero.session_notices set told_at = told_at - interval '8 days'`)
      expect(await notices().readPersonTold(phone)).toBeUndefined()
    })

    test('strangers have no code sent afterwards, known browsers go on, and a code under way is dead', async () => {
      const mine = await signIn()
      await signIn()
      const { nonce } = await told()
      const thief = newCaller({ door: 'pages' })
      const { challengeId } = await house.ask(phone, { caller: thief })
      const code = await house.codeFor(phone)
      await say(nonce, 24 * 3600)
      expect(await refusalOf(house.type(phone, code, { caller: thief, challengeId }))).toBe('invalid_code')
      const ask = (deviceToken?: string) =>
        house.ask(phone, { caller: newCaller({ door: 'pages', deviceToken }) })
      const refusal = await ask().catch((thrown) => thrown)
      expect(refusal).toMatchObject({ code: 'too_many_codes' })
      expect(refusal.facts.retryAfterSeconds).toBeGreaterThan(23 * 3600)
      await expect(ask(mine.deviceToken!)).resolves.toMatchObject({ isSent: true })
      const other = newPhone()
      await expect(house.ask(other)).resolves.toMatchObject({ isSent: true })
      await stores.query(`update portero.send_stops set until = now() where phone = $1`, [phone])
      await expect(ask()).resolves.toMatchObject({ isSent: true })
    })
  })
}
