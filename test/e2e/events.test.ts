import { spawn } from 'node:child_process'
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventTypes } from '../../src/domain/events/event-types.ts'
import { call } from '../support/call.ts'
import { command } from '../support/command.ts'
import { testDatabase } from '../support/database.ts'
import { openEventReceiver } from '../support/event-receiver.ts'
import { isMissing, skipReason } from '../support/installed-programs.ts'
import { demoEnv, openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { openPortero, printedCode, productionEnv } from '../support/portero-process.ts'
import { newPhone, tally } from '../support/samples.ts'
import { requestCode, signInByApi } from '../support/sign-in.ts'
import { until } from '../support/until.ts'

const secret = `whsec_${randomBytes(32).toString('base64')}`

describe('a program that is told of events', () => {
  let receiver: Awaited<ReturnType<typeof openEventReceiver>>
  let portero: PorteroInProcess
  beforeAll(async () => {
    receiver = await openEventReceiver()
    portero = await openPorteroInProcess({
      PORTERO_EVENTS__URL: receiver.url,
      PORTERO_EVENTS__SECRET: secret,
    })
  })
  afterAll(async () => {
    await portero.close()
    await receiver.close()
  })
  beforeEach(() => receiver.reset())

  const told = (phone: string) => receiver.events().filter(({ data }) => data.phone === phone)
  const say = (from: string, text: string) =>
    call(`${portero.url}/_portero/bot/messages`, { json: { from, text } })
  /** What waits for another try is due now; what is under way is left alone. */
  const hurry = () =>
    portero.database.query(
      'update portero.events set due_at = now() where attempts > 0 and lease_token is null',
    )
  /** Whether the first attempt of the only event there was no success, and is over. */
  const isSettled = async () => {
    const rows = await portero.database.query('select attempts, lease_token from portero.events')
    return rows.length === 1 && rows[0]!.attempts === 1 && rows[0]!.lease_token === null
  }
  async function newPerson(): Promise<{ id: string; document: string }> {
    const document = String(10_000_000 + (randomBytes(4).readUInt32BE() % 80_000_000))
    const [row] = await portero.database.query<{ id: string }>(
      `insert into public.usuarios (nombre, dni) values ('Juan', $1) returning id`,
      [document],
    )
    return { id: row!.id, document }
  }

  it('hears that a phone was linked and forgotten, in order, signed, and nothing of the document', async () => {
    const phone = newPhone()
    const { id, document } = await newPerson()
    await say(phone, document)
    await say(phone, 'olvidar')
    await until(() => told(phone).length === 2)
    expect(told(phone)).toEqual([
      {
        type: 'link.created',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        data: { person_id: id, phone, belongs: 'declared', level: 'declared', door: 'bot' },
      },
      {
        type: 'link.forgotten',
        timestamp: expect.any(String),
        data: { person_id: id, phone, reason: 'forgotten_unproved', door: 'bot' },
      },
    ])
    for (const { headers, body } of receiver.requests()) {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
      const key = Buffer.from(secret.slice(6), 'base64')
      expect(headers['webhook-signature']).toBe(
        `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
      )
      expect(body).not.toContain(document)
    }
  })

  it('hears of a newcomer, of a new session on another device, and of a block; every event is as its type says', async () => {
    const phone = newPhone()
    const first = await signInByApi(portero.url, phone)
    await signInByApi(portero.url, phone)
    await until(() => told(phone).length === 3)
    expect(told(phone).map(({ type, data }) => [type, data.is_new_device, data.door])).toEqual([
      ['link.created', undefined, 'api'],
      ['session.started', false, 'api'],
      ['session.started', true, 'api'],
    ])
    await command(demoEnv(portero.database), 'people', 'block', phone)
    const block = () => receiver.events().find(({ type }) => type === 'person.blocked')
    await until(() => block() !== undefined)
    expect(block()!.data).toEqual({ person_id: first.personId, phones: [phone], state: 'blocked' })
    for (const { type, data } of receiver.events()) {
      const checked = eventTypes[type as keyof typeof eventTypes].data.safeParse(data)
      expect([type, checked.error?.message]).toEqual([type, undefined])
    }
    const all = receiver
      .requests()
      .map(({ body }) => body)
      .join('\n')
    for (const secretText of [first.token, first.refreshToken]) expect(all).not.toContain(secretText)
  })

  it('hears of links that an own program makes and that run out, whatever their spelling', async () => {
    const { id } = await newPerson()
    await portero.database.query(`insert into public.telefono_usuario (telefono, usuario_id, ultimo_acceso)
      values ('5491150001111', '${id}', now() - interval '40 days')`)
    await portero.database.query(`select portero.link_phone('+5491150002222', '${id}', 'attested', 'api')`)
    await portero.database.query(`select portero.sweep_memories('', 1000)`)
    await until(() => receiver.events().length >= 2)
    expect(
      receiver.events().map(({ type, data }) => [type, data.phone, data.belongs ?? data.reason]),
    ).toEqual(
      expect.arrayContaining([
        ['link.created', '+5491150002222', 'attested'],
        ['link.forgotten', '+5491150001111', 'expired'],
      ]),
    )
  })

  it('that fails gets the same event again under the same id, and the later ones of that phone after it', async () => {
    const [phone, other] = [newPhone(), newPhone()]
    const { document } = await newPerson()
    receiver.answerWith((event) =>
      event.data.phone === phone && event.type === 'link.created' && receiver.triesOf(event) < 3 ? 503 : 204,
    )
    await say(phone, document)
    await say(phone, 'olvidar')
    await say(other, document)
    await until(() => told(other).length === 1)
    // Whoever comes later still is told too, and by then all that is due was taken.
    const last = newPhone()
    await say(last, document)
    await until(() => told(last).length === 1)
    expect(told(phone).map(({ type }) => type)).toEqual(['link.created'])
    for (const _ of [2, 3]) {
      const before = told(phone).length
      await until(async () => {
        await hurry()
        return told(phone).length > before
      })
    }
    await until(() => told(phone).length === 4)
    expect(told(phone).map(({ type }) => type)).toEqual([
      ...['link.created', 'link.created', 'link.created', 'link.forgotten'],
    ])
    const ids = receiver
      .requests()
      .flatMap(({ body, headers }) => (JSON.parse(body).data.phone === phone ? [headers['webhook-id']] : []))
    expect(new Set(ids.slice(0, 3)).size).toBe(1)
    expect(new Set(ids).size).toBe(2)
    const lines = portero.logged.filter(({ text }) => text.startsWith('an event was not taken'))
    expect(lines.length).toBeGreaterThan(0)
    expect(JSON.stringify(lines)).not.toContain(phone.slice(-8))
    await until(async () => (await portero.database.query('select from portero.events')).length === 0)
  })

  it('is given up after ten attempts, with a line in the log', async () => {
    const phone = newPhone()
    receiver.answerWith(() => 500)
    await say(phone, (await newPerson()).document)
    await until(() => told(phone).length === 1)
    await until(async () => {
      await portero.database.query(
        'update portero.events set attempts = 9, due_at = now() where attempts > 0 and lease_token is null',
      )
      return portero.logged.some(({ text }) => text.includes('is given up'))
    })
    await until(() => portero.logged.some(({ text }) => text.includes('is given up')))
    await until(async () => (await portero.database.query('select from portero.events')).length === 0)
  })

  it('that redirects is not followed', async () => {
    const phone = newPhone()
    receiver.answerWith(() => 307)
    await say(phone, (await newPerson()).document)
    await until(() => told(phone).length === 1)
    await until(isSettled)
    expect(receiver.strayed()).toBe(0)
    await portero.database.query('delete from portero.events')
  })

  it('that says 410 is left alone from then on', async () => {
    const phone = newPhone()
    receiver.answerWith(() => 410)
    await say(phone, (await newPerson()).document)
    await until(() => told(phone).length === 1)
    await until(isSettled)
    expect(portero.logged.filter(({ text }) => text.includes('answers 410'))).toHaveLength(1)
    // Neither the same event, which is due again, nor one of another phone, in two more looks.
    await hurry()
    await say(newPhone(), (await newPerson()).document)
    const waiting = 'select attempts from portero.events where due_at <= now() order by id'
    await until(async () => (await portero.database.query(waiting)).length === 2)
    await sleep(2500)
    expect(receiver.requests()).toHaveLength(1)
    expect(await portero.database.query(waiting)).toEqual([{ attempts: 1 }, { attempts: 0 }])
  })
})

it('where nobody is to be told, nothing is kept', async () => {
  const portero = await openPorteroInProcess()
  try {
    await signInByApi(portero.url)
    expect(await portero.database.query('select from portero.events')).toEqual([])
  } finally {
    await portero.close()
  }
})

it('a process that is killed while events go out loses none', async () => {
  const database = await testDatabase()
  const receiver = await openEventReceiver()
  const portero = await openPortero(
    productionEnv(database.url, { PORTERO_EVENTS__URL: receiver.url, PORTERO_EVENTS__SECRET: secret }),
  )
  try {
    const phones = Array.from({ length: 8 }, newPhone)
    receiver.delay(300)
    const signIn = async (phone: string) => {
      const { challenge_id } = await requestCode(portero.url, phone)
      const code = await printedCode(portero, phone)
      const { status } = await call(`${portero.url}/otp/verify`, { json: { phone, code, challenge_id } })
      expect(status).toBe(200)
    }
    await Promise.all(phones.map(signIn))
    await until(() => receiver.requests().length > 0)
    await portero.kill9()
    receiver.delay(0)
    await portero.restart()
    await database.query('update portero.events set due_at = now()')
    await until(async () => (await database.query('select from portero.events')).length === 0)
    const seen = tally(receiver.events().map(({ type, data }) => `${data.phone} ${type}`))
    expect(Object.keys(seen).toSorted()).toEqual(
      phones.flatMap((phone) => [`${phone} link.created`, `${phone} session.started`]).toSorted(),
    )
    expect(Math.max(...Object.values(seen))).toBeLessThanOrEqual(2)
  } finally {
    await portero.dispose()
    await receiver.close()
    await database.close()
  }
}, 90_000)

describe('the examples of the guide, followed to the letter', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const guide = readFileSync(`${root}docs/guide/events.md`, 'utf8')
  const exampleOf = (language: string) =>
    new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(guide)![1]!
  const programs: [string, string, string[]][] = [
    ['TypeScript', process.execPath, ['--input-type=module-typescript', '--eval', exampleOf('ts')]],
    ['Python', 'python3', ['-u', '-c', exampleOf('python')]],
  ]

  describe.each(programs)('the receiver in %s', (_, program, args) => {
    it.skipIf(isMissing(program))(
      `takes what is signed, once, and nothing else${skipReason(program)}`,
      async () => {
        const child = spawn(program, args, { env: { ...process.env, PORT: '0', EVENTS_SECRET: secret } })
        let said = ''
        child.stdout.on('data', (chunk: Buffer) => {
          said += chunk
        })
        child.stderr.on('data', (chunk: Buffer) => {
          said += chunk
        })
        try {
          await until(() => /port (\d+)/.test(said))
          const url = `http://127.0.0.1:${/port (\d+)/.exec(said)![1]}/portero`
          const portero = await openPorteroInProcess({
            PORTERO_EVENTS__URL: url,
            PORTERO_EVENTS__SECRET: secret,
          })
          try {
            const phone = newPhone()
            await signInByApi(portero.url, phone)
            await until(() => said.includes(`session.started ${phone}`))
            expect(said.split('\n').filter((line) => line.includes(phone))).toEqual([
              `link.created ${phone}`,
              `session.started ${phone}`,
            ])
          } finally {
            await portero.close()
          }
          const body = JSON.stringify({
            type: 'link.created',
            timestamp: new Date().toISOString(),
            data: { phone: '+1' },
          })
          const post = (seconds: number, key: string, id: string, sent = body) => {
            const of = createHmac('sha256', Buffer.from(key.slice(6), 'base64')).update(
              `${id}.${seconds}.${body}`,
            )
            const headers = {
              ...{ 'webhook-id': id, 'webhook-timestamp': `${seconds}` },
              'webhook-signature': `v1,${of.digest('base64')}`,
            }
            return fetch(url, { method: 'POST', headers, body: sent }).then(({ status }) => status)
          }
          const now = Math.floor(Date.now() / 1000)
          expect(await post(now, `whsec_${randomBytes(32).toString('base64')}`, 'evt_1')).toBe(401)
          expect(await post(now - 600, secret, 'evt_1')).toBe(401)
          expect(await post(now, secret, 'evt_1', `${body} `)).toBe(401)
          const id = `evt_${randomUUID()}`
          expect([await post(now, secret, id), await post(now, secret, id)]).toEqual([204, 204])
          await until(() => said.includes('link.created +1\n'))
          expect(said.match(/^link\.created \+1$/gm)).toHaveLength(1)
        } finally {
          child.kill()
          await once(child, 'exit')
        }
      },
      60_000,
    )
  })
})
