import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomSecret, secretHash } from '../../src/lib/random-secret.ts'
import { call } from '../support/call.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { newPhone, tally } from '../support/samples.ts'

let portero: PorteroInProcess
beforeAll(async () => {
  portero = await openPorteroInProcess()
})
afterAll(() => portero.close())

const say = (json: object, options: object = {}) =>
  call(`${portero.url}/_portero/bot/messages`, { json, ...options })
const textsOf = (json: { replies?: { text: string }[] }) => json.replies?.map(({ text }) => text).join('\n')

describe('the generic chat channel', () => {
  it('asks for a document, knows the person by it, and greets them the next time', async () => {
    const from = newPhone()
    const first = await say({ from, text: 'Hola', name: 'J' })
    expect(first).toMatchObject({ status: 200, json: { level: null, person: null } })
    expect(textsOf(first.json)).toMatch(/documento|DNI|CPF/i)
    const known = await say({ from, text: '12.345.678' })
    expect(known.json).toMatchObject({ level: 'declared', person: { name: 'Juan Pérez' } })
    expect(textsOf((await say({ from, text: 'hola' })).json)).toContain('Juan')
    const forgotten = await say({ from, text: 'olvidar' })
    expect(forgotten.json).toMatchObject({ person: null, level: null })
  })

  it('gives the same id the same answer, and does nothing more', async () => {
    const from = newPhone()
    const answers = await Promise.all(Array.from({ length: 20 }, () => say({ from, text: 'hola', id: 'a' })))
    expect(Object.keys(tally(answers.map(({ text }) => text)))).toHaveLength(1)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  })

  it('refuses senders that are no phone, and what is not a message', async () => {
    for (const from of [
      '120363041234567890@g.us',
      'status@broadcast',
      '123456789@lid',
      '12',
      'Juan',
      '<b>',
    ]) {
      const { status, json } = await say({ from, text: 'hola' })
      expect([from, status, json.code]).toEqual([from, 400, 'invalid_phone'])
    }
    for (const body of [{}, { from: newPhone(), text: 5 }, { from: newPhone(), text: 'x'.repeat(9000) }])
      expect((await say(body)).status).toBe(400)
  })

  it('takes pictures, marks and odd characters as they come', async () => {
    const from = newPhone()
    for (const text of ['', '\u202Ehola\u202C', '👩‍👩‍👧', 'a\u0000b', '\ud800', '=HYPERLINK("x")'])
      expect((await say({ from, text, name: '\r\n[ALERT] <img>' })).status).toBe(200)
  })

  it('answers one phone at most thirty times a minute, tells it once, and nobody else notices', async () => {
    const from = newPhone()
    const answers = await Promise.all(Array.from({ length: 100 }, () => say({ from, text: 'hola' })))
    const replies = answers.flatMap(({ json }) => json.replies as { text: string }[])
    const notices = replies.filter(
      ({ text }) => text.includes('Chegaram muitas') || text.includes('Llegaron muchos'),
    )
    expect(notices).toHaveLength(1)
    expect(replies.length).toBeLessThanOrEqual(32)
    expect((await say({ from: newPhone(), text: 'hola' })).json.replies).not.toEqual([])
  })

  it('two messages of one phone at once are worked on one after the other', async () => {
    const phones = Array.from({ length: 25 }, newPhone)
    await Promise.all(phones.map((from) => say({ from, text: 'hola' })))
    const answers = await Promise.all(
      phones.flatMap((from) => [say({ from, text: '12345678' }), say({ from, text: 'hola' })]),
    )
    expect(answers.filter(({ status, json }) => status !== 200 || json.replies.length !== 1)).toEqual([])
    const names = await Promise.all(
      phones.map(async (from) => (await say({ from, text: 'hola' })).json.person?.name),
    )
    expect(tally(names)).toEqual({ 'Juan Pérez': 25 })
  })
})

describe('outside the demo', () => {
  it('needs a key with the scope, and believes the sender only of a key that proves', async () => {
    const real = await openPorteroInProcess({
      ...{ PORTERO_DEMO: 'false', PORTERO_DELIVERY__CONSOLE: 'true', PORTERO_PEOPLE__ADMISSION: 'open' },
      ...{ PORTERO_PUBLIC_URL: 'http://localhost:8081' },
    })
    try {
      const key = async (...scopes: string[]) => {
        const text = `portero_key_${randomSecret()}${randomSecret()}`
        await real.database.query(
          'insert into portero.api_keys (name, secret_hash, scopes) values ($1, $2, $3)',
          [scopes.join(), secretHash(text), scopes],
        )
        return { authorization: `Bearer ${text}` }
      }
      const url = `${real.url}/_portero/bot/messages`
      const write = (headers: Record<string, string>, json: object = {}) =>
        call(url, { json: { from: '+5491123456789', text: 'hola', id: '1', ...json }, headers })
      expect((await write({})).json.code).toBe('invalid_api_key')
      expect((await write(await key('otp'))).json.code).toBe('scope_missing')
      const mine = await key('chat')
      expect((await write(mine)).status).toBe(200)
      // Ids of one transport mean nothing to another.
      expect((await write(await key('chat'))).status).toBe(200)
      expect(await real.database.query('select from portero.inbox')).toHaveLength(2)

      // The number on record writes: that attests the link only where the transport proves who writes.
      await real.database.query(`with u as (insert into public.usuarios (nombre, dni) values ('Ana', '30111222') returning id)
        insert into portero.phone_people (phone, person_id, belongs, proved_at) select '+5491123456789', id, 'attested', now() from u`)
      const unproved = await write(mine, { text: '30111222', id: '2' })
      expect(unproved.json).toMatchObject({ person: { name: 'Ana' }, level: 'declared' })
      const proved = await write(await key('chat', 'chat:prove'), { text: '30111222', id: '3' })
      expect(proved.json).toMatchObject({ person: { name: 'Ana' } })
      expect(proved.json.level).not.toBe('declared')
    } finally {
      await real.close()
    }
  })
})

describe('the simulated phone', () => {
  it('chats with the bot', async () => {
    const phone = newPhone()
    const answer = await call(`${portero.url}/_portero/demo/messages`, {
      headers: { origin: portero.url, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ phone, text: 'Oi' }).toString(),
      method: 'POST',
    })
    expect(answer.status).toBe(303)
    const page = await call(`${portero.url}/_portero/demo?phone=${encodeURIComponent(phone)}`)
    expect(page.text).toContain('class="bubble whatsapp bot"')
  })
})
