import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { incoming } from '../../../test/support/chats.ts'
import { newPhone } from '../../../test/support/samples.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import { silentLog } from '../log.ts'
import type { Channel } from '../messaging/channel.ts'
import type { DeliveryResult, OutboundMessage } from '../messaging/delivery-provider.ts'
import { canonicalPhone, type PhoneNumber } from '../phones/phone-number.ts'
import { type NoticeWorker, openNoticeWorker } from './open-notices.ts'
import type { TellNoticeNeeds } from './tell-notice.ts'

let stores: Stores
let sent: OutboundMessage[]
let answer: (message: OutboundMessage) => DeliveryResult
let workers: NoticeWorker[]
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())
beforeEach(async () => {
  await stores.query('truncate portero.session_notices, portero.chats, portero.outbox')
  sent = []
  workers = []
  answer = () => ({ ok: true, providerMessageId: randomUUID() })
})

const template = { name: 'new_session', language: 'es_AR', parameters: [], buttons: [] }

/** So many workers, as of so many replicas, until `isDone`. */
async function work(
  isDone: () => Promise<boolean> | boolean,
  {
    count = 1,
    channels = ['sms'],
    hasTemplate = false,
    ways = 'any',
    paidPerHour = 100,
  }: {
    count?: number
    channels?: readonly Channel[]
    hasTemplate?: boolean
    ways?: TellNoticeNeeds['ways']
    paidPerHour?: number
  } = {},
): Promise<void> {
  const needs = {
    ...{ noticeStore: stores.noticeStore, chatStore: stores.chatStore, log: silentLog },
    deliver: {
      channels,
      tell: async (message: OutboundMessage) => {
        sent.push(message)
        return answer(message)
      },
    },
    words: {
      inChat: (_: string, { id }: { id: string }) => ({ text: `chat ${id}`, buttons: [] }),
      bySms: (_: string, { id }: { id: string }) => `sms ${id}`,
      byTemplate: () => (hasTemplate ? { text: 'template', template } : undefined),
    },
    ...{ channels: ['whatsapp'], ways, defaultLocale: 'es' as const, newToken: randomUUID },
    ...{ paidPerHour, allowedRegions: ['AR'] },
  }
  workers = Array.from({ length: count }, () =>
    openNoticeWorker({ ...needs, channels: ['whatsapp'], deliver: needs.deliver }),
  )
  try {
    await expect.poll(isDone, { timeout: 20_000, interval: 20 }).toBe(true)
  } finally {
    await Promise.all(workers.map((worker) => worker.close()))
  }
}

async function notice(phone: PhoneNumber = newPhone()): Promise<PhoneNumber> {
  await stores.query(
    `insert into portero.session_notices (session_id, person_id, phone, started_at) values ($1, $2, $3, now())`,
    [randomUUID(), randomUUID(), phone],
  )
  return phone
}
/** That somebody's document was typed elsewhere. */
async function documentNotice(phone: PhoneNumber, personId: string = randomUUID()): Promise<void> {
  await stores.query('select portero.open_notices($1)', [JSON.stringify([{ phone, person_id: personId }])])
}
const argentine = () => canonicalPhone(`+549114${String(5_000_000 + ++made)}`)
let made = 0
const rows = () =>
  stores.query<{ told_by: string | null; is_waiting: boolean; due_at: Date | null; attempts: number }>(
    'select told_by, is_waiting, due_at, attempts from portero.session_notices order by created_at',
  )
const isSettled = async () => (await rows()).every(({ due_at }) => due_at === null)
const outbox = () => stores.query<{ reply: { text: string } }>('select reply from portero.outbox')

describe('fifty workers', () => {
  test('tell a hundred phones once each: half of them in their chats, half by SMS', async () => {
    const phones = await Promise.all(Array.from({ length: 100 }, () => notice()))
    await stores.chatStore.receive(phones.slice(0, 50).map((phone) => incoming({ phone })))
    await work(isSettled, { count: 50 })
    expect(new Set((await outbox()).map(({ reply }) => reply.text)).size).toBe(50)
    expect(await outbox()).toHaveLength(50)
    expect(new Set(sent.map(({ to }) => to)).size).toBe(50)
    expect(sent).toHaveLength(50)
  })
})

describe('the way', () => {
  test('is the template before SMS, and a notice carries no code', async () => {
    await notice()
    await work(isSettled, { channels: ['whatsapp', 'sms'], hasTemplate: true })
    expect(sent).toMatchObject([{ channel: 'whatsapp', template, code: undefined }])
    expect(await rows()).toMatchObject([{ told_by: 'whatsapp' }])
  })

  test('goes on to SMS where WhatsApp does not reach the phone, and to waiting where nothing does', async () => {
    await notice()
    answer = ({ channel }) =>
      channel === 'sms' ? { ok: true, providerMessageId: '1' } : { ok: false, reason: 'no_whatsapp' }
    await work(isSettled, { channels: ['whatsapp', 'sms'], hasTemplate: true })
    expect(sent.map(({ channel }) => channel)).toEqual(['whatsapp', 'sms'])
    await notice()
    answer = () => ({ ok: false, reason: 'invalid_number' })
    await work(isSettled)
    expect((await rows()).map(({ is_waiting }) => is_waiting)).toEqual([false, true])
  })

  test('is tried again while it may pass, and then left for the next', async () => {
    await notice()
    answer = () => ({ ok: false, reason: 'unavailable' })
    await work(async () => (await rows())[0]!.attempts === 1 && sent.length === 1)
    for (let attempts = 2; attempts <= 6; attempts++) {
      await stores.query('update portero.session_notices set due_at = now()')
      await work(() => sent.length === attempts)
    }
    await expect.poll(rows).toMatchObject([{ is_waiting: true, due_at: null }])
  })

  test('is not taken twice where nobody can tell whether it went out', async () => {
    await notice()
    answer = () => ({ ok: false, reason: 'timeout_unknown' })
    await work(isSettled)
    expect(await rows()).toMatchObject([{ told_by: 'sms' }])
    expect(sent).toHaveLength(1)
  })

  test('is the chat or none where the operator wants no costs, and none where no notices', async () => {
    await notice()
    await work(isSettled, { ways: 'chat', hasTemplate: true, channels: ['whatsapp', 'sms'] })
    expect(await rows()).toMatchObject([{ is_waiting: true }])
    await stores.query('truncate portero.session_notices')
    const phone = await notice()
    await stores.chatStore.receive([incoming({ phone })])
    await work(isSettled, { ways: 'off' })
    expect(await rows()).toMatchObject([{ told_by: 'nobody' }])
    expect([sent, await outbox()]).toEqual([[], []])
  })

  test('what waited is said with the next message, and after thirty days no more', async () => {
    const [phone, old] = [await notice(), await notice()]
    await work(isSettled, { channels: [] })
    await stores.query(
      `update portero.session_notices set created_at = now() - interval '31 days' where phone = $1`,
      [old],
    )
    await stores.query('select portero.sweep_session_notices(30, 100)')
    await stores.chatStore.receive([incoming({ phone }), incoming({ phone: old })])
    await work(isSettled, { channels: [] })
    expect(await outbox()).toHaveLength(1)
  })
})

describe('of a document that was typed elsewhere', () => {
  test('a phone is told in its chat, else by template, else by SMS, else when it writes', async () => {
    const [open, closed] = [argentine(), argentine()]
    await stores.chatStore.receive([incoming({ phone: open })])
    await documentNotice(open)
    await documentNotice(closed)
    await work(isSettled, { channels: ['whatsapp', 'sms'], hasTemplate: true })
    expect(await outbox()).toHaveLength(1)
    expect(sent).toMatchObject([{ to: closed, channel: 'whatsapp', code: undefined }])
    const [another, waits] = [argentine(), argentine()]
    await documentNotice(another)
    await work(isSettled)
    expect(sent[1]).toMatchObject({ to: another, channel: 'sms' })
    await documentNotice(waits)
    await work(isSettled, { channels: [] })
    expect((await rows()).map(({ told_by }) => told_by)).toEqual(['chat', 'whatsapp', 'sms', null])
    await stores.chatStore.receive([incoming({ phone: waits })])
    await work(isSettled, { channels: [] })
    expect(await outbox()).toHaveLength(2)
  })

  test('nothing is paid for beyond what chats may let go out, nor to countries where nobody may sign in', async () => {
    await documentNotice(newPhone())
    await work(isSettled)
    for (let i = 0; i < 3; i++) {
      await documentNotice(argentine())
      await work(isSettled, { paidPerHour: 2 })
    }
    expect((await rows()).map(({ is_waiting }) => is_waiting)).toEqual([true, false, false, true])
    expect(sent).toHaveLength(2)
  })

  test('is told in chats alone where the operator wants no costs, or no notices of sessions', async () => {
    for (const ways of ['chat', 'off'] as const) {
      const [open, closed] = [argentine(), argentine()]
      await stores.chatStore.receive([incoming({ phone: open })])
      await documentNotice(open)
      await documentNotice(closed)
      await work(isSettled, { ways, hasTemplate: true, channels: ['whatsapp', 'sms'] })
    }
    expect((await rows()).map(({ told_by, is_waiting }) => [told_by, is_waiting])).toEqual([
      ...[
        ['chat', false],
        [null, true],
        ['chat', false],
        [null, true],
      ],
    ])
    expect(sent).toEqual([])
  })

  test('whoever wrote "BAJA" is told when they want notices again', async () => {
    const phone = argentine()
    await stores.chatStore.receive([incoming({ phone })])
    await stores.query(`update portero.chats set state = '{"isSilenced": true}'`)
    await documentNotice(phone)
    await work(isSettled)
    expect([sent, await outbox()]).toEqual([[], []])
    await stores.query(`update portero.chats set state = '{"isSilenced": false}'`)
    await work(isSettled)
    expect(await outbox()).toHaveLength(1)
  })
})
