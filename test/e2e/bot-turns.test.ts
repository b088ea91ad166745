import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AgentServer, openAgentServer } from '../support/agent-server.ts'
import { pastLeases } from '../support/past-leases.ts'
import { until } from '../support/until.ts'
import { openWhatsappBot, type WhatsappBot } from '../support/whatsapp-bot.ts'

let made = 0
let desk: AgentServer
let askedBefore = 0
let bot: WhatsappBot
beforeAll(async () => {
  desk = await openAgentServer(
    {
      type: 'application/json',
      whole: (reply) => JSON.stringify({ reply }),
      endless: { start: '', more: ' ' },
    },
    (body) => JSON.parse(body).message,
  )
  bot = await openWhatsappBot({
    PORTERO_BOT__AGENT__KIND: 'webhook',
    PORTERO_BOT__AGENT__URL: `${desk.url}/ask`,
    PORTERO_BOT__AGENT__SECRET: `whsec_${Buffer.alloc(32, 3).toString('base64')}`,
  })
})
afterAll(async () => {
  await bot?.close()
  await desk?.close()
})
beforeEach(() => {
  askedBefore = desk.asked.length
  bot.graph.weather.next = () => 'none'
})

/** The number of somebody whom the bot knows. */
async function known(): Promise<string> {
  const phone = `+549115558${1000 + ++made}`
  await bot.database.query(
    `with u as (insert into public.usuarios (nombre) values ('Ana') returning id)
     insert into public.telefono_usuario (telefono, usuario_id, ultimo_acceso, created_at) select $1, id, now(), now() from u`,
    [phone],
  )
  return phone
}

const asked = () => desk.asked.slice(askedBefore).map(({ body }) => JSON.parse(body).message)
const said = (phone: string) =>
  bot.graph
    .phone(phone.slice(1))
    .shows()
    .map(({ text }) => text)
const query = (sql: string) => bot.database.query(sql)

describe('texts for the agent that come within two seconds', () => {
  it('are one turn with one reply over WhatsApp; a command between them is obeyed at once and is no part of it', async () => {
    const phone = await known()
    const ana = bot.graph.phone(phone.slice(1))
    const texts = ['¿Abren hoy?', 'ayuda', '¿Y mañana?']
    await bot.graph.deliver(texts.map((body) => ana.message('text', { text: { body } }).change))
    await until(() => said(phone).length === 2)
    expect(asked()).toEqual(['¿Abren hoy?\n¿Y mañana?'])
    expect(said(phone)).toEqual([
      expect.stringContaining('escribir cuando quieras'),
      'Respuesta a: ¿Abren hoy?\n¿Y mañana?',
    ])
    await sleep(2500)
    expect([asked().length, said(phone).length]).toEqual([1, 2])
  })

  it('are as many turns where the sender waits for each answer', async () => {
    const say = bot.http(await known())
    const answers = await Promise.all([say('¿Abren hoy?'), say('¿Y mañana?')])
    expect(answers.toSorted()).toEqual(['Respuesta a: ¿Abren hoy?', 'Respuesta a: ¿Y mañana?'])
    expect(asked()).toHaveLength(2)
  })
})

describe('a reply that does not go out', () => {
  it('is tried again until it does, before the one after it', async () => {
    const phone = await known()
    let failures = 2
    bot.graph.weather.next = () => (failures-- > 0 ? { code: 131016, status: 500 } : 'none')
    await bot.graph.phone(phone.slice(1)).writes('Hola')
    await bot.graph.phone(phone.slice(1)).writes('ayuda')
    await until(() => said(phone).length === 2)
    expect(said(phone)[0]).toContain('¡Hola de nuevo, Ana!')
  })

  it('is not tried any more when the 24 hours are over', async () => {
    const phone = await known()
    bot.graph.weather.next = () => ({ code: 131016, status: 500 })
    await bot.graph.phone(phone.slice(1)).writes('Hola')
    const row = `portero.outbox where address = '${phone.slice(1)}'`
    await until(
      async () => (await query(`select from ${row} and attempts = 1 and not is_taken`)).length === 1,
    )
    await query(
      `update ${row.replace('where', "set expires_at = now() - interval '1 second', due_at = now() where")}`,
    )
    bot.graph.weather.next = () => 'none'
    await until(async () => (await query(`select from ${row} and settled_at is not null`)).length === 1)
    await bot.graph.phone(phone.slice(1)).writes('ayuda')
    await until(() => said(phone).length > 0)
    expect(said(phone)).toEqual([expect.stringContaining('escribir cuando quieras')])
  })
})

describe('messages that nobody could work on for long', () => {
  it('are answered when somebody can, unless that is more than a day later; what was withdrawn in them is done', async () => {
    const [today, yesterday, gone] = [await known(), await known(), await known()]
    await bot.sql('begin')
    await bot.sql('lock table public.telefono_usuario in access exclusive mode')
    for (const [phone, text] of [
      [today, 'Hola'],
      [yesterday, 'Hola'],
      [gone, 'olvidar'],
    ] as const)
      expect((await bot.graph.phone(phone.slice(1)).writes(text)).statuses).toEqual([200])
    await bot.portero.kill9()
    await bot.sql('commit')
    const old = [yesterday, gone].map((phone) => `'whatsapp:${phone}'`).join(', ')
    await query(
      `update portero.inbox set written_at = written_at - interval '25 hours' where chat_key in (${old})`,
    )
    await query(
      `update portero.chats set last_message_at = last_message_at - interval '25 hours' where chat_key in (${old})`,
    )
    await pastLeases(query)
    await bot.portero.restart()
    await until(async () => (await query('select from portero.inbox where decided_at is null')).length === 0)
    await until(() => said(today).length === 1)
    await sleep(500)
    expect([said(yesterday), said(gone)]).toEqual([[], []])
    const remembered = await query(
      `select telefono from public.telefono_usuario where telefono in ('${yesterday}', '${gone}')`,
    )
    expect(remembered).toEqual([{ telefono: yesterday }])
  })
})
