import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ChatStore, Decision, LeasedChat, ReceivedMessage } from '../../src/domain/chat/chat-store.ts'
import type { MessageState, MessageStatus } from '../../src/domain/chat/message-status.ts'
import { incoming, somebody, talking } from '../support/chats.ts'
import { atOnce, newPhone, tally } from '../support/samples.ts'
import type { Stores } from '../support/stores.ts'

const reply = (text: string) => ({ text, buttons: [] })
const nobody = '00000000-0000-4000-8000-000000000000'

/** What every store of chats promises (domain/chat/chat-store.ts). */
export function chatStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of chat stores`, () => {
    let stores: Stores
    let chats: ChatStore
    beforeAll(async () => {
      stores = await open()
      chats = stores.chatStore
    })
    afterAll(() => stores.close(), 60_000)
    beforeEach(async () => {
      await stores.query(
        'truncate portero.chats, portero.inbox, portero.outbox, portero.agent_turns, portero.chat_notices',
      )
    })

    const decide = (chat: LeasedChat, token: string, decision: Partial<Decision> = {}) =>
      chats.decide(chat.chatKey, token, {
        messageIds: chat.messages.map(({ id }) => id),
        replies: chat.messages.map(({ text }) => reply(text)),
        state: talking(),
        ...decision,
      })
    const leaseOf = async (message: ReceivedMessage, token = randomUUID()) => {
      const chat = await chats.lease(token, 10, message.chatKey)
      if (chat === undefined) throw new Error('there is nothing to lease')
      return { chat, token }
    }
    const endLeases = () =>
      stores.query(`update portero.chats set due_at = clock_timestamp()
          where chat_key in (select chat_key from portero.chats where due_at is not null for update skip locked)`)
    const rowsOf = (table: string, order = 'id') =>
      stores.query(`select * from portero.${table} order by ${order}`)

    test('a message that came before is known, and only the first is new', async () => {
      const message = incoming()
      expect(await chats.receive([message, message])).toEqual([message.messageId])
      expect(await chats.receive([{ ...message, text: 'other' }])).toEqual([])
      const { chat } = await leaseOf(message)
      expect(chat.messages.map(({ text }) => text)).toEqual(['hola'])
    })

    test('a hundred who bring the same message bring it once', async () => {
      const message = incoming()
      const news = await atOnce(100, () => chats.receive([message]))
      expect(news.flat()).toEqual([message.messageId])
      expect(await rowsOf('inbox')).toHaveLength(1)
    })

    test('a hundred of one chat at once, of which nobody says when they were written, are as old as they were received', async () => {
      const one = incoming()
      const { chatKey } = one
      await atOnce(100, (i) => chats.receive([{ ...one, messageId: `${i}`, at: undefined }]))
      const rows = await stores.query<{ is_younger: boolean | null }>(
        'select written_at < lag(written_at) over (order by id) as is_younger from portero.inbox where chat_key = $1',
        [chatKey],
      )
      expect(rows).toHaveLength(100)
      expect(rows.filter(({ is_younger }) => is_younger)).toEqual([])
    })

    test('batches in any order, of the same chats, neither block each other nor mix up', async () => {
      const phones = [newPhone(), newPhone(), newPhone()]
      const batches = await atOnce(40, async (i) => {
        const batch = phones.map((phone, p) => incoming({ phone, text: `${i} ${p}` }))
        return chats.receive(i % 2 === 0 ? batch : batch.toReversed())
      })
      expect(batches.every((news) => news.length === 3)).toBe(true)
      const { chat } = await leaseOf(incoming({ phone: phones[1]! }))
      expect(chat.messages).toHaveLength(40)
      expect(chat.messages.every(({ text }) => text.endsWith(' 1'))).toBe(true)
    })

    test('brings back what was received, of the chat that waited longest, with its state', async () => {
      const signals = {
        userId: 'AR.1',
        identityHash: undefined,
        inReplyTo: 'wamid.1',
        sharedPhone: undefined,
      }
      const message = incoming({
        ...{ text: 'a\0b \ud800 🙂', profileName: '=HYPERLINK()', isButton: true, isProof: false, signals },
      })
      await chats.receive([message])
      await chats.receive([incoming()])
      const token = randomUUID()
      const chat = await chats.lease(token, 10)
      expect(chat).toMatchObject({
        ...{ chatKey: message.chatKey, channel: 'whatsapp', address: message.address, state: undefined },
        ...{ recentAnswers: 0, isSilent: false },
      })
      const { id, tries, ...kept } = chat!.messages[0]!
      expect(kept).toEqual({
        ...message,
        text: 'ab \ufffd 🙂',
        signals: { userId: 'AR.1', inReplyTo: 'wamid.1' },
      })
      expect([typeof id, tries]).toEqual(['string', 0])
      const state = talking({ withPeopleUntil: 5, choices: ['x'] })
      expect(await decide(chat!, token, { state })).toBe(true)
      await chats.release(message.chatKey, token)
      await chats.receive([incoming({ phone: message.phone! })])
      expect((await leaseOf(message)).chat).toMatchObject({ state, recentAnswers: 1 })
    })

    test('a hundred who look for work at once get each chat once', async () => {
      const messages = Array.from({ length: 20 }, () => incoming())
      await chats.receive(messages)
      const got = await atOnce(100, () => chats.lease(randomUUID(), 10))
      const keys = got.flatMap((chat) => chat?.chatKey ?? [])
      expect(keys.sort()).toEqual(messages.map(({ chatKey }) => chatKey).sort())
    })

    test('a hundred workers decide on a thousand messages once each, and in order in each chat', async () => {
      const phones = Array.from({ length: 20 }, newPhone)
      await atOnce(50, (i) =>
        chats.receive(phones.map((phone) => incoming({ phone, text: `${i}`, messageId: `${phone} ${i}` }))),
      )
      const order = await stores.query(
        `select chat_key, array_agg(body ->> 'text' order by id) as texts from portero.inbox group by 1 order by 1`,
      )
      await atOnce(100, async (i) => {
        for (;;) {
          const token = randomUUID()
          const chat = await chats.lease(token, 10)
          if (chat === undefined) return
          // Some workers take a few and give the chat back; some die, and the leases of all end with theirs.
          for (const message of chat.messages.slice(0, 7)) {
            const replies = [reply(message.text)]
            if (!(await decide(chat, token, { messageIds: [message.id], replies }))) break
          }
          if (i % 3 > 0 || chat.messages.length === 0) await chats.release(chat.chatKey, token)
          else await endLeases()
        }
      })
      const sent = await stores.query(
        `select chat_key, array_agg(reply ->> 'text' order by id) as texts from portero.outbox group by 1 order by 1`,
      )
      expect(sent).toEqual(order)
    })

    test('of a hundred decisions on one message one counts', async () => {
      const message = incoming()
      await chats.receive([message])
      const { chat, token } = await leaseOf(message)
      const done = await atOnce(100, () => decide(chat, token))
      expect(done.filter(Boolean)).toHaveLength(1)
      expect(await rowsOf('outbox')).toHaveLength(1)
    })

    test('who lost the lease to somebody else decides nothing, renews nothing and gives nothing back', async () => {
      const message = incoming()
      await chats.receive([message])
      const dead = await leaseOf(message)
      expect(await chats.lease(randomUUID(), 10, message.chatKey)).toBeUndefined()
      await endLeases()
      const heir = await leaseOf(message)
      expect(heir.chat.messages.map(({ id }) => id)).toEqual(dead.chat.messages.map(({ id }) => id))
      expect(await decide(dead.chat, dead.token)).toBe(false)
      expect(await chats.renew(message.chatKey, dead.token, 10)).toBe(false)
      expect(await chats.fail(message.chatKey, dead.token, dead.chat.messages[0]!.id)).toBe('lost')
      await chats.release(message.chatKey, dead.token)
      expect(await rowsOf('outbox')).toEqual([])
      expect(await chats.renew(message.chatKey, heir.token, 10)).toBe(true)
      expect(await decide(heir.chat, heir.token)).toBe(true)
    })

    test('what comes while a chat is worked on is there for whoever takes it next', async () => {
      const first = incoming()
      await chats.receive([first])
      const { chat, token } = await leaseOf(first)
      await chats.receive([incoming({ phone: first.phone!, text: 'second' })])
      expect(await chats.lease(randomUUID(), 10)).toBeUndefined()
      await decide(chat, token)
      await chats.release(first.chatKey, token)
      expect((await leaseOf(first)).chat.messages.map(({ text }) => text)).toEqual(['second'])
    })

    test('a decision can give the chat back, for what came meanwhile too; one that was refused gives back nothing', async () => {
      const first = incoming()
      await chats.receive([first])
      const { chat, token } = await leaseOf(first)
      expect(await decide(chat, randomUUID(), { isLast: true })).toBe(false)
      expect(await chats.lease(randomUUID(), 10)).toBeUndefined()
      await chats.receive([incoming({ phone: first.phone!, text: 'second' })])
      expect(await decide(chat, token, { isLast: true })).toBe(true)
      const next = await leaseOf(first)
      expect(next.chat.messages.map(({ text }) => text)).toEqual(['second'])
      expect(await decide(next.chat, next.token, { isLast: true })).toBe(true)
      const [{ due_at, lease_token } = {}] = await rowsOf('chats', 'chat_key')
      expect([due_at, lease_token]).toEqual([null, null])
      expect(await chats.renew(first.chatKey, next.token, 10)).toBe(false)
    })

    test('a message that fails three times is set aside, and the next one has its turn', async () => {
      const poison = incoming({ text: 'poison' })
      await chats.receive([poison, incoming({ phone: poison.phone!, text: 'fine' })])
      for (const then of ['again', 'again', 'set_aside']) {
        await endLeases()
        const { chat, token } = await leaseOf(poison)
        expect(chat.messages[0]!.text).toBe('poison')
        expect(await chats.fail(poison.chatKey, token, chat.messages[0]!.id)).toBe(then)
        if (then === 'again') expect(await chats.lease(randomUUID(), 10)).toBeUndefined()
      }
      expect((await leaseOf(poison)).chat.messages.map(({ text }) => text)).toEqual(['fine'])
      expect(await chats.readAnswer('whatsapp', poison.messageId)).toBe('set_aside')
    })

    test('texts are erased when they are decided and sent; ids stay', async () => {
      const message = incoming({ text: 'secreto', profileName: 'Secreto' })
      await chats.receive([message])
      const { chat, token } = await leaseOf(message)
      await decide(chat, token)
      const [out] = await chats.takeReplies(5, 30)
      await chats.settleReply(out!.id, { sentAs: 'wamid.9' })
      const kept = JSON.stringify([
        await rowsOf('inbox'),
        await rowsOf('outbox'),
        await rowsOf('chats', 'chat_key'),
      ])
      expect(kept).not.toMatch(/secreto/i)
      expect(kept).toContain(message.messageId)
      expect(kept).toContain('wamid.9')
    })

    test('a chat with a thousand messages waiting takes more as ids alone', async () => {
      const phone = newPhone()
      const many = (count: number) => Array.from({ length: count }, () => incoming({ phone }))
      await chats.receive(many(999))
      expect(await chats.receive(many(1))).toHaveLength(1)
      expect(await chats.receive(many(5))).toHaveLength(5)
      const [count] = await stores.query(
        `select count(*)::int as all, count(body)::int as readable from portero.inbox`,
      )
      expect(count).toEqual({ all: 1005, readable: 1000 })
      expect((await leaseOf(incoming({ phone }))).chat.messages).toHaveLength(50)
    })

    test('counts the replies of the last minute, and is silent as long as it was decided to be', async () => {
      const message = incoming()
      const again = async () => {
        await chats.receive([{ ...message, messageId: randomUUID() }])
        return leaseOf(message)
      }
      const { chat, token } = await again()
      await decide(chat, token, { replies: Array.from({ length: 40 }, () => reply('x')), silentSeconds: 60 })
      await chats.release(chat.chatKey, token)
      const silent = await again()
      expect(silent.chat).toMatchObject({ recentAnswers: 30, isSilent: true })
      await chats.release(chat.chatKey, silent.token)
      await stores.query(
        `update portero.chats set silent_until = silent_until - interval '1 minute',
           answered_at = array(select at - interval '1 minute' from unnest(answered_at) at)`,
      )
      expect((await again()).chat).toMatchObject({ recentAnswers: 0, isSilent: false })
    })

    describe('on a synchronous channel', () => {
      const answer = {
        replies: [reply('eco')],
        step: 'talking',
        level: 'declared',
        person: somebody,
      } as const

      test('the answer is kept for whoever asks, and nothing goes out', async () => {
        const message = incoming({ channel: 'http' })
        await chats.receive([message])
        expect(await chats.readAnswer('http', message.messageId)).toBe('open')
        const { chat, token } = await leaseOf(message)
        await decide(chat, token, { replies: [], answer })
        expect(await chats.readAnswer('http', message.messageId)).toEqual(answer)
        expect(await rowsOf('outbox')).toEqual([])
      })

      test('a question keeps the answer open until it is settled or dropped', async () => {
        const question = {
          text: 'x',
          person: somebody,
          level: 'declared',
          locale: 'es',
          waitSeconds: 0,
        } as const
        const open = async (phone = newPhone()) => {
          const message = incoming({ channel: 'http', phone })
          await chats.receive([message])
          const { chat, token } = await leaseOf(message)
          await decide(chat, token, { replies: [], answer, question, personId: somebody.id })
          await chats.release(message.chatKey, token)
          return message
        }
        const one = await open()
        expect(await chats.readAnswer('http', one.messageId)).toBe('open')
        const token = randomUUID()
        const asked = await chats.takeQuestion(token, 10, one.chatKey)
        await chats.settleQuestion(asked!.id, token, { answer: 'sí', reply: reply('sí') })
        expect(await chats.readAnswer('http', one.messageId)).toEqual({
          ...answer,
          replies: [reply('eco'), reply('sí')],
        })
        const other = await open()
        await chats.receive([incoming({ channel: 'http', phone: other.phone! })])
        const next = await leaseOf(other)
        await decide(next.chat, next.token, { replies: [], answer, personId: null })
        expect(await chats.readAnswer('http', other.messageId)).toEqual(answer)
      })
    })

    describe('questions for the agent', () => {
      const phone = newPhone()
      const ask = async (text: string, over: Partial<NonNullable<Decision['question']>> = {}) => {
        const message = incoming({ phone })
        await chats.receive([message])
        const { chat, token } = await leaseOf(message)
        const question = {
          text,
          person: somebody,
          level: 'verified',
          locale: 'es',
          waitSeconds: 2,
          ...over,
        } as const
        expect(await decide(chat, token, { replies: [], question, personId: question.person.id })).toBe(true)
        await chats.release(message.chatKey, token)
        return message
      }
      const letDue = () =>
        stores.query('update portero.agent_turns set due_at = now() where due_at is not null')
      const take = async () => {
        const token = randomUUID()
        const question = await chats.takeQuestion(token, 10)
        return question && { ...question, token }
      }

      test('texts that come one after the other are one question, asked once they have stopped', async () => {
        const { chatKey } = await ask('hola,')
        await ask('¿cuándo abren?')
        expect(await take()).toBeUndefined()
        await letDue()
        expect(await take()).toMatchObject({
          ...{ chatKey, text: 'hola,\n¿cuándo abren?', person: somebody, level: 'verified', locale: 'es' },
          ...{ tries: 1, history: [] },
        })
        await ask('¿y cierran?')
        await letDue()
      })

      test('somebody who goes on writing is answered all the same', async () => {
        await ask('uno')
        await stores.query(`update portero.agent_turns set asked_at = now() - interval '9 seconds'`)
        await ask('dos')
        const [turn] = await stores.query<{ seconds: number }>(
          `select extract(epoch from due_at - clock_timestamp())::float as seconds from portero.agent_turns`,
        )
        expect(turn!.seconds).toBeLessThan(1.1)
      })

      test('a hundred who look for one get it once, and the next of that chat only when it is settled', async () => {
        await ask('uno', { waitSeconds: 0 })
        await ask('dos', { waitSeconds: 0 })
        const taken = (await atOnce(100, take)).filter((one) => one !== undefined)
        expect(taken.map(({ text }) => text)).toEqual(['uno'])
        expect(await chats.renewQuestion(taken[0]!.id, randomUUID(), 10)).toBe(false)
        expect(await chats.renewQuestion(taken[0]!.id, taken[0]!.token, 10)).toBe(true)
        const done = await atOnce(20, () =>
          chats.settleQuestion(taken[0]!.id, taken[0]!.token, { answer: 'sí', reply: reply('sí') }),
        )
        expect(done.filter(Boolean)).toHaveLength(1)
        expect(await take()).toMatchObject({ text: 'dos', history: [{ question: 'uno', answer: 'sí' }] })
        expect((await chats.takeReplies(5, 30)).map((out) => out.reply)).toEqual([reply('sí')])
      })

      test('somebody else on the phone drops the question, its answer and the history', async () => {
        await ask('uno', { waitSeconds: 0 })
        const first = (await take())!
        await chats.settleQuestion(first.id, first.token, { answer: 'sí', reply: undefined })
        await ask('dos', { waitSeconds: 0 })
        const second = (await take())!
        await ask('tres', { waitSeconds: 0, person: { id: nobody, name: undefined } })
        expect(await chats.renewQuestion(second.id, second.token, 10)).toBe(false)
        expect(
          await chats.settleQuestion(second.id, second.token, { answer: 'no', reply: reply('no') }),
        ).toBe(false)
        expect(await take()).toMatchObject({
          text: 'tres',
          person: { id: nobody, name: undefined },
          history: [],
        })
        expect(await rowsOf('outbox')).toEqual([])
      })

      test('what was said while somebody only declared who they are is never told with what is asked for certain, nor the other way round', async () => {
        const said = async (text: string, level: 'declared' | 'verified' | 'confirmed') => {
          await ask(text, { waitSeconds: 0, level })
          const turn = (await take())!
          await chats.settleQuestion(turn.id, turn.token, { answer: `${text}, sí`, reply: undefined })
          return turn.history.map(({ question }) => question)
        }
        expect(await said('uno', 'declared')).toEqual([])
        expect(await said('dos', 'verified')).toEqual([])
        expect(await said('tres', 'confirmed')).toEqual(['dos'])
        expect(await said('cuatro', 'declared')).toEqual(['uno'])
        expect(await said('cinco', 'verified')).toEqual(['dos', 'tres'])
      })

      test('texts of which only one is for certain are two questions', async () => {
        await ask('uno', { level: 'declared' })
        await ask('dos', { level: 'verified' })
        await ask('tres', { level: 'confirmed' })
        await letDue()
        const first = (await take())!
        expect([first.text, first.level]).toEqual(['uno', 'declared'])
        await chats.settleQuestion(first.id, first.token, { answer: 'x', reply: undefined })
        expect(await take()).toMatchObject({ text: 'dos\ntres', level: 'confirmed', history: [] })
      })

      test('one whose asker died is asked again, and the dead one’s answer comes too late', async () => {
        await ask('uno', { waitSeconds: 0 })
        const dead = (await take())!
        await letDue()
        const heir = (await take())!
        expect([heir.id, heir.tries]).toEqual([dead.id, 2])
        const outcome = { answer: 'x', reply: reply('x') }
        expect(await chats.settleQuestion(dead.id, dead.token, outcome)).toBe(false)
        expect(await chats.settleQuestion(heir.id, heir.token, outcome)).toBe(true)
      })
    })

    describe('replies', () => {
      const answered = async (phone = newPhone(), texts = ['uno'], over: Partial<ReceivedMessage> = {}) => {
        const message = incoming({ phone, ...over })
        await chats.receive([message])
        const { chat, token } = await leaseOf(message)
        await decide(chat, token, { replies: texts.map(reply) })
        await chats.release(message.chatKey, token)
        return message
      }
      const letDie = () => stores.query('update portero.outbox set due_at = now() where due_at is not null')

      test('a hundred who take them get each once, and of one chat only the oldest', async () => {
        const phones = Array.from({ length: 15 }, newPhone)
        for (const phone of phones) await answered(phone, ['uno', 'dos'])
        const taken = (await atOnce(100, () => chats.takeReplies(3, 30))).flat()
        expect(tally(taken.map(({ reply }) => reply.text))).toEqual({ uno: 15 })
        for (const { id } of taken) await chats.settleReply(id, { sentAs: id })
        const next = await chats.takeReplies(50, 30)
        expect(tally(next.map(({ reply }) => reply.text))).toEqual({ dos: 15 })
        expect(next[0]).toMatchObject({ channel: 'whatsapp', attempts: 1 })
      })

      test('one is sent again at most once for each process that died with it, and given up after three', async () => {
        await answered()
        for (const attempts of [1, 2, 3, 4]) {
          expect(await chats.takeReplies(5, 30)).toMatchObject([{ attempts }])
          expect(await chats.takeReplies(5, 30)).toEqual([])
          await letDie()
        }
        expect(await chats.takeReplies(5, 30)).toEqual([])
        expect(await rowsOf('outbox')).toMatchObject([{ reply: null, due_at: null, sent_as: null }])
      })

      test('one that failed is tried again in time, before those after it, and not beyond the 24 hours', async () => {
        await answered(newPhone(), ['uno', 'dos'])
        for (let attempt = 1; attempt < 6; attempt++) {
          const [taken] = await chats.takeReplies(5, 30)
          expect(taken).toMatchObject({ reply: { text: 'uno' }, attempts: attempt })
          await chats.settleReply(taken!.id, { againInSeconds: 60 })
          expect(await chats.takeReplies(5, 30)).toEqual([])
          await letDie()
        }
        await stores.query('update portero.outbox set expires_at = now()')
        expect(await chats.takeReplies(5, 30)).toEqual([])
        expect(await chats.takeReplies(5, 30)).toEqual([])
        expect(await rowsOf('outbox')).toMatchObject([{ reply: null }, { reply: null }])
      })

      test('one that was given up leaves the way to the next', async () => {
        await answered(newPhone(), ['uno', 'dos'])
        const [first] = await chats.takeReplies(5, 30)
        await chats.settleReply(first!.id, 'given_up')
        expect(await chats.takeReplies(5, 30)).toMatchObject([{ reply: { text: 'dos' } }])
      })

      test('go to where the chat wrote from last, and until 24 hours after it wrote', async () => {
        const at = new Date(Date.now() - 3_600_000)
        const message = await answered(newPhone(), ['uno'], { at, address: '5491100000000' })
        expect(await chats.takeReplies(5, 30)).toMatchObject([
          { address: '5491100000000', chatKey: message.chatKey },
        ])
        const [row] = await stores.query<{ expires_at: Date }>('select expires_at from portero.outbox')
        expect(row!.expires_at.getTime()).toBe(at.getTime() + 24 * 3_600_000)
      })
    })

    describe('notices', () => {
      const written = async (over: Partial<ReceivedMessage> & { isSilenced?: boolean } = {}) => {
        const { isSilenced = false, ...rest } = over
        const message = incoming(rest)
        await chats.receive([message])
        const { chat, token } = await leaseOf(message)
        await decide(chat, token, { replies: [], state: talking({ isSilenced, locale: 'pt-BR' }) })
        await chats.release(message.chatKey, token)
        return message
      }
      const channels = ['whatsapp', 'twilio']

      test('go to the chat in which the phone wrote last, of those channels, in its language', async () => {
        const phone = newPhone()
        expect(await chats.findOpenChat(phone, channels)).toBeUndefined()
        await written({ phone, channel: 'twilio', at: new Date(Date.now() - 60_000) })
        const last = await written({ phone })
        await written({ phone, channel: 'http' })
        expect(await chats.findOpenChat(phone, channels)).toEqual({
          ...{ chatKey: last.chatKey, channel: 'whatsapp', locale: 'pt-BR' },
        })
        expect(await chats.findOpenChat(phone, [])).toBeUndefined()
      })

      test('find the chat of somebody whose number the channel hides', async () => {
        const phone = newPhone()
        const { chatKey } = await written({ chatKey: `whatsapp:AR.${phone}`, address: `AR.${phone}` })
        await stores.query(`insert into portero.hidden_numbers values ('whatsapp', $1, $2, now())`, [
          ...[`AR.${phone}`, phone],
        ])
        expect(await chats.findOpenChat(phone, channels)).toMatchObject({ chatKey })
      })

      test('go to nobody who wants none, or who wrote more than a day ago', async () => {
        const silenced = await written({ isSilenced: true })
        const old = await written({ at: new Date(Date.now() - 25 * 3_600_000) })
        for (const { phone } of [silenced, old])
          expect(await chats.findOpenChat(phone!, channels)).toBeUndefined()
        expect(await chats.say(old.chatKey, 'x', reply('tarde'))).toBe(false)
        expect(await chats.say('whatsapp:nobody', 'x', reply('nadie'))).toBe(false)
        expect(await rowsOf('outbox')).toEqual([])
      })

      test('are said once a day for each chat and topic, whoever says them', async () => {
        const one = await written()
        const other = await written()
        const said = await atOnce(100, (i) =>
          chats.say((i % 2 ? one : other).chatKey, `topic ${i % 4 < 2 ? 1 : 2}`, reply('aviso')),
        )
        expect(said.filter(Boolean)).toHaveLength(4)
        expect(await chats.takeReplies(9, 30)).toMatchObject([{ reply: reply('aviso') }, {}])
        await stores.query(`update portero.chat_notices set said_at = said_at - interval '24 hours'`)
        expect(await chats.say(one.chatKey, 'topic 1', reply('aviso'))).toBe(true)
        expect(await rowsOf('chat_notices', 'chat_key')).toHaveLength(1)
      })
    })

    test('keeps the furthest state of a reply, in whatever order it is told, by either id', async () => {
      const message = incoming()
      await chats.receive([message])
      const { chat, token } = await leaseOf(message)
      await decide(chat, token)
      const [out] = await chats.takeReplies(5, 30)
      const status = (state: MessageState, over: Partial<MessageStatus> = {}): MessageStatus => ({
        ...{ channel: 'whatsapp', messageId: 'wamid.s', ref: undefined, state, at: new Date() },
        ...{ failure: undefined, billedAs: undefined },
        ...over,
      })
      const stateOf = async () => (await rowsOf('outbox'))[0]!.delivery_state
      // It can come before the answer to the sending is written down.
      await chats.noteStatuses([status('sent', { ref: out!.id })])
      expect(await stateOf()).toBe('sent')
      await chats.settleReply(out!.id, { sentAs: 'wamid.s' })
      await chats.noteStatuses([status('read'), status('delivered')])
      await chats.noteStatuses([status('failed'), status('played', { channel: 'twilio' })])
      await chats.noteStatuses([status('played', { messageId: 'wamid.other', ref: 'no id of ours' })])
      await chats.noteStatuses([])
      expect(await stateOf()).toBe('read')
    })

    test('the sweep keeps ids for 8 days, history and answers for one, and who wants no notices for good', async () => {
      const days = async (ago: number, isSilenced = false) => {
        const message = incoming({ channel: 'http' })
        await chats.receive([message])
        const { chat, token } = await leaseOf(message)
        const answer = { replies: [], step: undefined, level: undefined, person: undefined }
        await decide(chat, token, { answer, replies: [reply('x')], state: talking({ isSilenced }) })
        await chats.release(message.chatKey, token)
        await stores.query(
          `update portero.inbox set received_at = received_at - make_interval(days => ${ago}) where message_id = $1`,
          [message.messageId],
        )
        await stores.query(
          `update portero.chats set seen_at = seen_at - make_interval(days => ${ago}) where chat_key = $1`,
          [message.chatKey],
        )
        return message.chatKey
      }
      const [today, twoDays, nineDays, year, silenced] = [
        ...[await days(0), await days(2), await days(9), await days(365), await days(365, true)],
      ]
      await stores.query('select portero.sweep_chats(8, 24, 190, 100)')
      const inbox = await stores.query(
        'select chat_key, answer is not null as is_answered from portero.inbox order by id',
      )
      expect(inbox).toEqual([
        { chat_key: today, is_answered: true },
        { chat_key: twoDays, is_answered: false },
      ])
      const left = (await rowsOf('chats', 'seen_at desc')).map(({ chat_key }) => chat_key)
      expect(left.sort()).toEqual([today, twoDays, nineDays, silenced].sort())
      expect(left).not.toContain(year)
    })
  })
}
