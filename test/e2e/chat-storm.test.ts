import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { demoEnv } from '../support/portero-in-process.ts'
import { openPortero, type PorteroProcess } from '../support/portero-process.ts'
import { newPhone, tally } from '../support/samples.ts'

let database: TestDatabase
let portero: PorteroProcess
beforeAll(async () => {
  database = await testDatabase()
  portero = await openPortero(demoEnv(database))
})
afterAll(async () => {
  await portero.dispose()
  await database.close()
})

const phones = Array.from({ length: 50 }, newPhone)
const each = 10

type Message = { from: string; id: string; text: string }

/** Everybody's messages in their order, in a mix of all, each of them brought twice; the copies in any order. */
function storm(): Message[] {
  const originals = Array.from({ length: each }, (_, i) =>
    phones.map((from) => ({ from, id: `${i}`, text: `mensaje ${i}` })),
  ).flat()
  const copies = originals.map((message, i) => ({ message, key: (i * 7919) % originals.length }))
  const shuffled = copies.toSorted((a, b) => a.key - b.key).map(({ message }) => message)
  return originals.flatMap((message, i) => [message, shuffled[i]!])
}

/** Brings a message until somebody has answered it, as a transport does that does not know whether it got through. */
async function bring(message: Message): Promise<Answer> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await call(`${portero.url}/_portero/bot/messages`, { json: message }).catch(
      () => undefined,
    )
    if (answer?.status === 200) return answer
    if (answer !== undefined && answer.status < 500) throw new Error(answer.text)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('nobody answered')
}

describe('a storm of messages while the process is killed twice', () => {
  it('is decided once, in order for each phone, and none is lost', async () => {
    const queue = storm()
    const answers = new Map<string, string[]>()
    let done = 0
    const worker = async (): Promise<void> => {
      for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
        const answer = await bring(message)
        const key = `${message.from} ${message.id}`
        answers.set(key, [...(answers.get(key) ?? []), JSON.stringify(answer.json)])
        done++
      }
    }
    const killed = async (after: number): Promise<void> => {
      while (done < after) await new Promise((resolve) => setTimeout(resolve, 5))
      await portero.kill9()
      await portero.restart()
    }
    await Promise.all([...Array.from({ length: 20 }, worker), killed(200).then(() => killed(600))])

    const inbox = await database.query<{
      chat_key: string
      message_id: string
      decided: boolean
      open: boolean
    }>(
      `select chat_key, message_id, decided_at is not null and not is_set_aside as decided, body is not null as open
         from portero.inbox order by id`,
    )
    expect(inbox).toHaveLength(phones.length * each)
    expect(inbox.every(({ decided, open }) => decided && !open)).toBe(true)
    const turned = async () =>
      (
        await database.query(
          `select count(*)::int as chats, count(*) filter (where due_at is null)::int as quiet from portero.chats`,
        )
      )[0]
    // A chat whose holder was killed is looked at once more when its lease is over.
    await expect.poll(turned, { timeout: 60_000 }).toEqual({ chats: phones.length, quiet: phones.length })
    // In each chat the times of decision follow the order of arrival.
    const [{ count: late } = { count: -1 }] = await database.query<{ count: number }>(
      `select count(*)::int from (
         select decided_at < lag(decided_at) over (partition by chat_key order by id) as is_early from portero.inbox) i
        where is_early`,
    )
    expect(late).toBe(0)
    // Every message got one and the same answer, however often it was brought.
    expect(answers.size).toBe(phones.length * each)
    expect(tally([...answers.values()].map((said) => `${said.length} ${new Set(said).size}`))).toEqual({
      '2 1': phones.length * each,
    })
  }, 120_000)
})
