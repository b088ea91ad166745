import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conversationHouse } from '../support/conversation-house.ts'
import type { ShownMessage } from '../support/graph-api.ts'
import { type Storm, type StormSize, whatsappStorm } from '../support/whatsapp-storm.ts'

/**
 * `PORTERO_TEST_STORM=full` is 5,000 messages from 500 phones, with nothing moved into the past; `PORTERO_TEST_STORM_SEED` brings
 * the storm of that seed again.
 */
const isFull = process.env.PORTERO_TEST_STORM === 'full'
const seed = Number(process.env.PORTERO_TEST_STORM_SEED ?? Math.floor(Math.random() * 2 ** 31))
const size: StormSize = isFull
  ? { seed, phones: 500, each: 10, kills: 7, databaseKills: 1, isHurried: false }
  : { seed, phones: 60, each: 10, kills: 2, databaseKills: 1, isHurried: true }

/** Chats that one process works on at once: what it may do once more after a kill. */
const chatsAtOnce = 8

type Expected = { replies: string[]; state: object; person: string | undefined; others: string[] }
type InboxRow = { chat_key: string; message_id: string; is_decided: boolean; is_late: boolean | null }

let storm: Storm
let inbox: InboxRow[]
let expected: Map<string, Expected>
let declared = 0
beforeAll(async () => {
  storm = await whatsappStorm(size)
  inbox = await storm.query<InboxRow>(
    `select chat_key, message_id, decided_at is not null and not is_set_aside and body is null as is_decided,
            decided_at < lag(decided_at) over (partition by chat_key order by id) as is_late
       from portero.inbox order by id`,
  )
  expected = await replayed()
}, 600_000)
afterAll(() => storm?.close())

/** What the messages of each phone come to, one after the other as they were received: the same conversation in memory. */
async function replayed(): Promise<Map<string, Expected>> {
  const written = new Map(
    storm.phones.flatMap(({ messages }) => messages.map((message) => [message.id, message])),
  )
  const results = new Map<string, Expected>()
  for (const { phone, people } of storm.phones) {
    const house = conversationHouse({ people, hasAgent: false, signInUrl: 'http://localhost:8081/' })
    house.pass(Date.now() - house.now())
    const replies: string[] = []
    for (const { message_id } of inbox.filter(({ chat_key }) => chat_key === `whatsapp:${phone}`)) {
      const { text, at } = written.get(message_id)!
      const outcome = await house.turn(phone, text, { at, chatKey: phone })
      replies.push(...outcome.replies.map(({ text, buttons }) => said(text, buttons)))
    }
    declared += house.memory.calls.filter((call) => call.startsWith('declare')).length
    const state = comparable(house.states.get(phone)!)
    const { person, others } = await house.memory.store.recognise(phone as never)
    results.set(phone, { replies, state, person: person?.id, others: others.map(({ id }) => id) })
  }
  return results
}

/** Without what chance and the clock decide. */
function comparable(state: object): object {
  return { ...state, nonce: '', withPeopleUntil: undefined }
}

function said(text: string, buttons: readonly { readonly title: string }[]): string {
  return [text, ...buttons.map(({ title }) => `[${title}]`)].join('\n')
}

/** What a phone was shown, each reply once and in the order of its first showing; and how often one came again. */
function shownOn(phone: string): { refs: string[]; texts: string[]; repeats: number } {
  const shown = storm.graph.phone(phone.slice(1)).shows()
  const firsts = new Map<string, ShownMessage>()
  for (const message of shown) if (!firsts.has(message.ref!)) firsts.set(message.ref!, message)
  return {
    refs: [...firsts.keys()],
    texts: [...firsts.values()].map(({ text, buttons }) => said(text, buttons)),
    repeats: shown.length - firsts.size,
  }
}

describe(`a storm of ${size.phones * size.each} messages over the WhatsApp webhook with processes killed in it, seed ${seed}`, () => {
  it('loses no message, takes none twice, and decides all of them', () => {
    const sent = storm.phones.flatMap(({ messages }) => messages.map(({ id }) => id))
    expect(inbox.map(({ message_id }) => message_id).toSorted()).toEqual(sent.toSorted())
    expect(inbox.filter(({ is_decided }) => !is_decided)).toEqual([])
  })

  it('decides those of each phone in the order in which they were received', () => {
    expect(inbox.filter(({ is_late }) => is_late)).toEqual([])
  })

  it('says to each phone what its messages in that order come to, each answer in its place', () => {
    for (const { phone } of storm.phones)
      expect(shownOn(phone).texts, phone).toEqual(expected.get(phone)!.replies)
    const told = [...expected.values()].flatMap(({ replies }) => replies).join('\n')
    // What a small storm comes to is chance: each at least once. Otherwise it would prove little.
    for (const words of [
      '¡Perfecto, Ana!',
      '¡Perfecto, Beto!',
      '¡Hola de nuevo, Ana!',
      'He olvidado',
      '¿Quién escribe?',
    ])
      expect(told.split(words).length - 1, words).toBeGreaterThanOrEqual(isFull ? size.phones / 20 : 1)
  })

  it('decides each message once: as many answers were written as there had to be', async () => {
    const rows = await storm.query<{ chat_key: string; ids: string[] }>(
      'select chat_key, array_agg(id::text order by id) as ids from portero.outbox group by 1',
    )
    const written = new Map(rows.map(({ chat_key, ids }) => [chat_key.slice('whatsapp:'.length), ids]))
    for (const { phone } of storm.phones) expect(shownOn(phone).refs, phone).toEqual(written.get(phone) ?? [])
  })

  it('leaves each conversation, and who is remembered, as those messages in that order do', async () => {
    const states = await storm.query<{ phone: string; state: object }>(
      `select substr(chat_key, 10) as phone, state from portero.chats`,
    )
    expect(states).toHaveLength(size.phones)
    const memories = await storm.query<{ telefono: string; usuario_id: string }>(
      'select telefono, usuario_id from public.telefono_usuario',
    )
    const others = await storm.query<{ phone: string; person_id: string }>(
      'select phone, person_id from portero.phone_people where beside_since is not null',
    )
    const person = new Map(memories.map(({ telefono, usuario_id }) => [telefono, usuario_id]))
    for (const { phone, state } of states) {
      const { state: left, person: remembered, others: known } = expected.get(phone)!
      expect(comparable(state), phone).toEqual(left)
      const beside = others.filter((other) => other.phone === phone).map(({ person_id }) => person_id)
      expect([person.get(phone), beside], phone).toEqual([remembered, known])
    }
  })

  it('repeats a reply at most once for each kill, and writes one line of the access log for each document', async () => {
    const repeats = storm.phones.map(({ phone }) => shownOn(phone).repeats)
    expect(Math.max(...repeats)).toBeLessThanOrEqual(storm.kills)
    const [row] = await storm.query<{ count: number }>(
      `select count(*)::int from portero.access_log where event = 'document_declared'`,
    )
    const twice = row!.count - declared
    // What had been looked at, and not yet written down, when a process died is looked at again.
    expect(twice).toBeGreaterThanOrEqual(0)
    expect(twice).toBeLessThanOrEqual(storm.kills * chatsAtOnce)
    const { deliveries, webhooks, repeatedWebhooks, kills, seconds } = storm
    process.stderr.write(
      `storm ${seed}: ${inbox.length} messages of ${size.phones} phones, brought ${deliveries} times in ${webhooks} webhooks ` +
        `(${repeatedWebhooks} came again), ${kills} kills (${size.databaseKills} of the database), ` +
        `${repeats.reduce((sum, n) => sum + n, 0)} replies repeated (at most ${Math.max(...repeats)} in a chat), ` +
        `${twice} documents looked at twice, ${seconds.toFixed(1)} s\n`,
    )
  })

  it('leaves no bug in the log: of errors only that the database was away, and that many documents were wrong', () => {
    const errors = [...storm.portero.output().matchAll(/"level":50.*"msg":"(.*?)"/g)].map(([, text]) => text)
    expect(errors.filter((text) => !/database|ALARM/.test(text!))).toEqual([])
  })
})
