import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { echo, incoming } from '../../../test/support/chats.ts'
import { atOnce, newPhone, tally } from '../../../test/support/samples.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import type { Agent, AgentQuestion } from '../agent/agent.ts'
import { Refusal } from '../errors.ts'
import { answerMessage } from './answer-message.ts'
import type { ChatSender, SendResult } from './chat-sender.ts'
import type { OutgoingReply } from './chat-store.ts'
import { type ChatWorker, type ChatWorkerNeeds, openChatWorker } from './work-chats.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())
beforeEach(async () => {
  await stores.query('truncate portero.chats, portero.inbox, portero.outbox, portero.agent_turns')
})

const workers: ChatWorker[] = []
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.close()
})

type Sent = Pick<OutgoingReply, 'address' | 'attempts'> & { text: string }

function house(over: Partial<ChatWorkerNeeds> & { results?: SendResult[] } = {}) {
  const sent: Sent[] = []
  const { results = [], ...rest } = over
  const sender: ChatSender = {
    channel: 'whatsapp',
    async send({ address, attempts, reply }) {
      sent.push({ address, attempts, text: reply.text })
      return results.shift() ?? { sentAs: randomUUID() }
    },
  }
  const logged: string[] = []
  const line = (_: object, text: string) => void logged.push(text)
  const needs: ChatWorkerNeeds = {
    chatStore: stores.chatStore,
    log: { info: line, warn: line, error: line },
    now: Date.now,
    converse: echo,
    withNumber: async (message) => message,
    tooManyNotice: () => ({ text: 'basta', buttons: [] }),
    defaultLocale: 'es',
    agent: { name: 'test', answer: async ({ text }) => `sobre ${text}` },
    agentTimeoutMs: 5000,
    apology: () => ({ text: 'perdón', buttons: [] }),
    senders: [sender],
    fillReply: (reply) => reply,
    newToken: randomUUID,
    chatsAtOnce: 8,
    ...rest,
  }
  return { needs, sent, logged, texts: () => sent.map(({ text }) => text) }
}

function work(needs: ChatWorkerNeeds): ChatWorker {
  const worker = openChatWorker(needs)
  workers.push(worker)
  return worker
}

async function until(what: () => boolean, ms = 45_000): Promise<void> {
  for (let waited = 0; !what(); waited += 10) {
    if (waited > ms) throw new Error('it did not happen')
    await sleep(10)
  }
}

const say = (needs: ChatWorkerNeeds, text: string, phone = newPhone()) => {
  const message = incoming({ text, phone })
  return needs.chatStore.receive([message]).then(() => message)
}

describe('the worker', () => {
  test('answers what comes, at once when it is woken, each chat in its order', async () => {
    const { needs, sent } = house()
    const worker = work(needs)
    const phones = Array.from({ length: 10 }, newPhone)
    for (const i of [0, 1, 2, 3, 4]) {
      await needs.chatStore.receive(phones.map((phone) => incoming({ phone, text: `${i}` })))
      worker.wake()
    }
    await until(() => sent.length === 50, 2000)
    for (const phone of phones)
      expect(sent.filter(({ address }) => phone.endsWith(address)).map(({ text }) => text)).toEqual(
        [0, 1, 2, 3, 4].map((i) => `eco: ${i}`),
      )
  })

  test('finds by itself what another process took in', async () => {
    const { needs, texts } = house()
    work(needs)
    await sleep(50)
    await say(needs, 'hola')
    await until(() => texts().length === 1, 2000)
  })

  test('several of them decide each message once', async () => {
    const decided: string[] = []
    const { needs, sent } = house({ onDecided: (message) => void decided.push(message.messageId) })
    const phones = Array.from({ length: 20 }, newPhone)
    await atOnce(5, (i) => needs.chatStore.receive(phones.map((phone) => incoming({ phone, text: `${i}` }))))
    for (let i = 0; i < 4; i++) work(needs)
    await until(() => sent.length === 100)
    await sleep(50)
    expect([decided.length, new Set(decided).size, sent.length]).toEqual([100, 100, 100])
  })

  test('who is to be told of a linked document is written with the decision: nothing after it is needed', async () => {
    const [own, personId] = [newPhone(), randomUUID()]
    const { needs, texts } = house({
      converse: async (turn, state) => ({
        ...(await echo(turn, state)),
        events: [{ event: 'linked', personId, otherPhones: [own] }],
      }),
    })
    await say(needs, '12345678')
    work(needs)
    await until(() => texts().length === 1)
    const rows = await stores.query('select kind, person_id from portero.session_notices where phone = $1', [
      own,
    ])
    expect(rows).toEqual([{ kind: 'document', person_id: personId }])
  })

  test('answers one phone thirty times a minute, tells it once, and others as ever', async () => {
    const { needs, texts } = house()
    const flooder = newPhone()
    await needs.chatStore.receive(Array.from({ length: 500 }, () => incoming({ phone: flooder, text: 'x' })))
    await say(needs, 'tranquilo')
    work(needs)
    await until(() => texts().includes('basta') && texts().includes('eco: tranquilo'))
    const left = () => stores.query('select 1 from portero.inbox where decided_at is null')
    await expect.poll(left, { timeout: 45_000 }).toEqual([])
    await sleep(100)
    expect(tally(texts())).toEqual({ 'eco: x': 30, basta: 1, 'eco: tranquilo': 1 })
  })

  test('does what somebody withdraws while it keeps silent, and says nothing to it', async () => {
    const obeyed: string[] = []
    const { needs, texts } = house({
      converse: async (turn, state) => {
        if (turn.text !== 'x') obeyed.push(turn.text)
        return echo(turn, state)
      },
    })
    const phone = newPhone()
    const words = [...Array<string>(40).fill('x'), 'Olvidá, por favor', 'olvidar', 'BAJA', 'ayuda']
    await needs.chatStore.receive(words.map((text) => incoming({ phone, text })))
    work(needs)
    await until(() => obeyed.includes('BAJA') && texts().includes('basta'))
    await sleep(300)
    expect(obeyed).toContain('olvidar')
    expect(obeyed).not.toContain('ayuda')
    expect(tally(texts())).toEqual({ 'eco: x': 30, basta: 1 })
  })

  test('keeps a reply for later when the operator has to mend something, and leaves a crowded chat alone for longer each time', async () => {
    const { needs, sent } = house({ results: [{ failed: 'config' }, { failed: 'rate_limited' }] })
    await say(needs, 'hola')
    const worker = work(needs)
    const pause = async () => {
      const [row] = await stores.query<{ seconds: number | null; attempts: number }>(
        `select attempts, extract(epoch from due_at - clock_timestamp())::float as seconds
           from portero.outbox where not is_taken and attempts > 0`,
      )
      return row
    }
    await until(() => sent.length === 1)
    await sleep(50)
    expect((await pause())!.seconds).toBeGreaterThan(290)
    await stores.query('update portero.outbox set due_at = now(), attempts = 3')
    worker.wake()
    await until(() => sent.length === 2)
    await sleep(50)
    const { seconds, attempts } = (await pause())!
    expect([attempts, Math.ceil(seconds!)]).toEqual([4, 64])
  })

  test('says nothing to what is older than a day', async () => {
    const { needs, texts } = house()
    const phone = newPhone()
    await needs.chatStore.receive([
      incoming({ phone, text: 'ayer', at: new Date(Date.now() - 24 * 3_600_000 - 1000) }),
      incoming({ phone, text: 'hoy' }),
    ])
    work(needs)
    await until(() => texts().length > 0)
    expect(texts()).toEqual(['eco: hoy'])
  })

  test('sets a poison message aside, and goes on with the next', async () => {
    const tried: string[] = []
    const { needs, texts } = house({
      converse: async (turn, state) => {
        tried.push(turn.text)
        if (turn.text === 'veneno') throw new Error('a bug')
        return echo(turn, state)
      },
    })
    const phone = newPhone()
    await say(needs, 'veneno', phone)
    await say(needs, 'hola', phone)
    work(needs)
    await until(() => texts().length === 1)
    expect(tried).toEqual(['veneno', 'veneno', 'veneno', 'hola'])
    expect(texts()).toEqual(['eco: hola'])
  })

  test('waits with a message while what it needs is away, however often it has to', async () => {
    let away = 4
    const { needs, texts } = house({
      converse: async (turn, state) => {
        if (away-- > 0) throw new Refusal('database_unavailable')
        return echo(turn, state)
      },
    })
    await say(needs, 'hola')
    const worker = work(needs)
    const hurry = setInterval(async () => {
      await stores.query(
        'update portero.chats set due_at = now() where lease_token is null and due_at > now()',
      )
      worker.wake()
    }, 50)
    await until(() => texts().length === 1).finally(() => clearInterval(hurry))
  })

  test('tries a reply again that did not go out, unless trying cannot help', async () => {
    const { needs, sent } = house({
      results: [
        { failed: 'unavailable', retryAfterSeconds: 1 },
        { failed: 'rate_limited', retryAfterSeconds: 0 },
      ],
    })
    await say(needs, 'hola')
    work(needs)
    await until(() => sent.length === 3)
    expect(sent.map(({ attempts }) => attempts)).toEqual([1, 2, 3])
    const hopeless = house({ results: [{ failed: 'invalid_number' }, { failed: 'timeout_unknown' }] })
    await stores.query('truncate portero.chats, portero.inbox, portero.outbox')
    await workers.splice(0)[0]!.close()
    for (const text of ['1', '2', '3']) await say(hopeless.needs, text, newPhone())
    work(hopeless.needs)
    await until(() => hopeless.sent.length === 3)
    const rows = await stores.query(
      'select count(*)::int as all, count(due_at)::int as open, count(sent_as)::int as sent from portero.outbox',
    )
    await sleep(100)
    expect(rows).toMatchObject([{ all: 3 }])
    expect(hopeless.sent.length).toBe(3)
  })
})

describe('questions to the agent', () => {
  test('that come within two seconds are one, and have one answer', async () => {
    const asked: AgentQuestion[] = []
    const agent: Agent = {
      name: 'test',
      async answer(question) {
        asked.push(question)
        return `sobre ${question.text}`
      },
    }
    const { needs, texts } = house({ agent })
    const worker = work(needs)
    const phone = newPhone()
    for (const text of ['?hola', '?cuándo abren']) {
      await say(needs, text, phone)
      worker.wake()
      await sleep(300)
    }
    await until(() => texts().length === 1)
    expect(texts()).toEqual(['sobre hola\ncuándo abren'])
    await say(needs, '?y cierran', phone)
    await until(() => texts().length === 2)
    expect(asked.map(({ text, history }) => [text, history])).toEqual([
      ['hola\ncuándo abren', []],
      ['y cierran', [{ question: 'hola\ncuándo abren', answer: 'sobre hola\ncuándo abren' }]],
    ])
  })

  test('keep no command waiting, and what was forgotten meanwhile is not answered', async () => {
    let answer = (_: string): void => {}
    let isAsked = false
    const agent: Agent = {
      name: 'slow',
      answer: () => {
        isAsked = true
        return new Promise((resolve) => {
          answer = resolve
        })
      },
    }
    const { needs, texts } = house({ agent })
    const worker = work(needs)
    const phone = newPhone()
    await say(needs, '?pregunta', phone)
    await until(() => isAsked)
    await say(needs, 'ayuda', phone)
    worker.wake()
    await until(() => texts().includes('eco: ayuda'))
    await say(needs, 'olvidar', phone)
    worker.wake()
    await until(() => texts().includes('eco: olvidar'))
    answer('tarde')
    await sleep(300)
    expect(texts()).toEqual(['eco: ayuda', 'eco: olvidar'])
  })

  test('that it cannot answer, or not in time, get an apology', async () => {
    const { needs, texts } = house({
      agentTimeoutMs: 200,
      agent: {
        name: 'test',
        answer: ({ text }) => (text === 'nunca' ? new Promise(() => {}) : Promise.reject(new Error('503'))),
      },
    })
    await say(needs, '?nunca')
    await say(needs, '?no')
    work(needs)
    await until(() => texts().length === 2)
    expect(texts()).toEqual(['perdón', 'perdón'])
  })
})

describe('a synchronous channel', () => {
  const ask = (needs: ChatWorkerNeeds, text: string, phone = newPhone(), messageId: string = randomUUID()) =>
    answerMessage(needs, incoming({ channel: 'http', text, phone, messageId }), AbortSignal.timeout(10_000))

  test('answers at once, the agent’s words included', async () => {
    const { needs } = house()
    expect(await ask(needs, 'hola')).toMatchObject({
      ...{ replies: [{ text: 'eco: hola' }], step: 'talking', level: 'declared' },
      person: { name: 'Juan Pérez' },
    })
    expect(await ask(needs, '?algo')).toMatchObject({ replies: [{ text: 'sobre algo' }] })
  })

  test('gives the same message the same answer a hundred times over, worked on once, beside a worker or not', async () => {
    let worked = 0
    const { needs } = house({
      converse: async (turn, state) => {
        worked++
        const outcome = await echo(turn, state)
        return { ...outcome, replies: [{ text: `${worked}`, buttons: [] }] }
      },
    })
    work(needs)
    const phone = newPhone()
    const answers = await atOnce(100, () => ask(needs, 'hola', phone, 'the same'))
    expect(tally(answers.map(({ replies }) => replies[0]!.text))).toEqual({ 1: 100 })
    expect(worked).toBe(1)
  })

  test('works on messages of one phone one after the other, and on those of others meanwhile', async () => {
    const busy = new Map<string, number>()
    let most = 0
    const { needs } = house({
      converse: async (turn, state) => {
        busy.set(turn.chatKey, (busy.get(turn.chatKey) ?? 0) + 1)
        expect(busy.get(turn.chatKey)).toBe(1)
        most = Math.max(most, [...busy.values()].filter((n) => n > 0).length)
        await sleep(5)
        busy.set(turn.chatKey, 0)
        return echo(turn, state)
      },
    })
    const phones = [newPhone(), newPhone(), newPhone()]
    await atOnce(30, (i) => ask(needs, `${i}`, phones[i % 3]!))
    expect(most).toBeGreaterThan(1)
    const [row] = await stores.query(`select min((state ->> 'lastAt')::int)::int as least from portero.chats`)
    expect(row).toEqual({ least: 10 })
  })

  test('a command is answered while the agent still thinks about what the same phone asked before', async () => {
    let isAsked = false
    const { needs } = house({
      agent: {
        name: 'slow',
        answer: (_, signal) => {
          isAsked = true
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        },
      },
    })
    const phone = newPhone()
    const asked = ask(needs, '?algo', phone)
    await until(() => isAsked)
    expect(await ask(needs, 'olvidar', phone)).toMatchObject({ replies: [{ text: 'eco: olvidar' }] })
    // Had it waited, there would be an apology by now.
    expect(await asked).toMatchObject({ replies: [] })
  })
})
