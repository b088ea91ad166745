import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AgentServer, openAgentServer } from '../support/agent-server.ts'
import { call } from '../support/call.ts'
import { openPorteroInProcess } from '../support/portero-in-process.ts'
import { newPhone } from '../support/samples.ts'
import { openWhatsappBot, type WhatsappBot } from '../support/whatsapp-bot.ts'

const key = Buffer.alloc(32, 3)
let desk: AgentServer
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
    PORTERO_BOT__AGENT__SECRET: `whsec_${key.toString('base64')}`,
  })
  await bot.database.query(`insert into public.usuarios (nombre, dni) values ('Ana', '30111222')`)
})
afterAll(async () => {
  await bot?.close()
  await desk?.close()
})

it('brings the question of somebody known to the webhook, and its answer back to WhatsApp', async () => {
  const say = bot.whatsapp('+5491155567001')
  expect(await say('¿A qué hora abren?')).toContain('DNI')
  expect(await say('30111222')).toContain('Ana')
  expect(desk.asked).toEqual([])

  expect(await say('¿Y los sábados?')).toBe('Respuesta a: ¿Y los sábados?')
  expect(await say('¿Seguro?')).toBe('Respuesta a: ¿Seguro?')
  const [first, second] = desk.asked.map(({ body }) => JSON.parse(body))
  expect(first).toMatchObject({ person: { name: 'Ana' }, level: 'declared', locale: 'es', history: [] })
  expect(second.history).toEqual([{ question: '¿Y los sábados?', answer: 'Respuesta a: ¿Y los sábados?' }])

  const { headers, body } = desk.asked[0]!
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const signature = createHmac('sha256', key).update(signed).digest('base64')
  expect(headers['webhook-signature']).toBe(`v1,${signature}`)
})

it('apologises when the webhook fails, tells the log why without what was asked, and goes on', async () => {
  const say = bot.http('+5491155567002')
  await say('30111222')
  desk.behave({ kind: 'status', status: 500 })
  const apology = await say('¿Cuánto debo de la palabra?')
  expect(apology).not.toContain('Respuesta')
  expect(apology).not.toBe('')
  expect(bot.portero.output()).toContain('bot.agent.url answered 500')
  expect(bot.portero.output()).not.toContain('palabra')
  expect(await say('¿Y ahora?')).toBe('Respuesta a: ¿Y ahora?')
})

it('has a model answer, told whose service desk it is', async () => {
  const model = await openAgentServer(
    {
      type: 'text/event-stream',
      whole: (content) =>
        `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\ndata: [DONE]\n\n`,
      endless: { start: '', more: ':\n' },
    },
    (body) => JSON.parse(body).messages.at(-1).content,
  )
  const portero = await openPorteroInProcess({
    PORTERO_BOT__AGENT__KIND: 'openai',
    PORTERO_BOT__AGENT__BASE_URL: `${model.url}/v1`,
    PORTERO_BOT__AGENT__MODEL: 'small',
    PORTERO_PAGES__NAME: 'Biblioteca Sur',
  })
  try {
    const from = newPhone()
    const say = (text: string) => call(`${portero.url}/_portero/bot/messages`, { json: { from, text } })
    await say('12345678')
    const { json } = await say('¿Abren hoy?')
    expect(json.replies).toMatchObject([{ text: 'Respuesta a: ¿Abren hoy?' }])
    const { messages } = JSON.parse(model.asked[0]!.body)
    expect(messages[0].content).toContain('service desk of Biblioteca Sur')
    expect(messages[0].content).not.toContain('¿Abren hoy?')
  } finally {
    await portero.close()
    await model.close()
  }
})
