import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentContract, sampleQuestion } from '../../../test/contracts/agent.contract.ts'
import { type AgentServer, type AgentWire, openAgentServer } from '../../../test/support/agent-server.ts'
import { webhookAgent } from './webhook.ts'

const key = Buffer.alloc(32, 7)
const secret = `whsec_${key.toString('base64')}`
const wire: AgentWire = {
  type: 'application/json',
  whole: (reply) => JSON.stringify({ reply }),
  endless: { start: '{"reply": "', more: 'a' },
}
const openServer = (raw: Partial<AgentWire> = {}) =>
  openAgentServer({ ...wire, ...raw }, (body) => JSON.parse(body).message)

let made = 0
const agentAt = (url: string, now = () => 1_790_000_000_999) =>
  webhookAgent({ fetch, now, newId: () => `id-${++made}`, url: `${url}/ask?desk=1`, secret })

agentContract('a webhook', async () => {
  const server = await openServer()
  return {
    ...{ server, agent: agentAt(server.url), away: agentAt('http://127.0.0.1:2') },
    secrets: [secret, key.toString('base64'), 'desk=1'],
    says: {
      setting: 'bot.agent.url',
      garbage: 'answered without a reply: it has to be JSON with a text as "reply", of 64 KiB at most',
      breaks: 'gave no answer',
    },
  }
})

describe('a webhook', () => {
  let server: AgentServer
  beforeEach(async () => {
    server = await openServer()
  })
  afterEach(() => server.close())
  const live = () => AbortSignal.timeout(5000)

  test('is told who asks what, in which chat, and how sure it is who they are', async () => {
    const history = [{ question: 'hola', answer: '¿Sí?' }]
    await agentAt(server.url).answer(sampleQuestion({ history }), live())
    const { person, ...nameless } = sampleQuestion({ history })
    await agentAt(server.url).answer({ ...nameless, person: { id: person.id, name: undefined } }, live())
    const [first, second] = server.asked.map(({ body }) => JSON.parse(body))
    expect(first).toEqual({
      ...{ message: '¿A qué hora abren?', person: { id: person.id, name: 'Ana Gómez' } },
      ...{ level: 'declared', chat: 'whatsapp:5491123456789', locale: 'es', history },
    })
    expect(second.person).toEqual({ id: person.id, name: null })
    expect(server.asked[0]!.path).toBe('/ask?desk=1')
  })

  test('can tell by the signature that the very bytes and the time are from Portero', async () => {
    await agentAt(server.url).answer(sampleQuestion({ text: 'ñandú 😀' }), live())
    const { headers, body } = server.asked[0]!
    expect(headers['webhook-timestamp']).toBe('1790000000')
    expect(headers['webhook-id']).toMatch(/^id-\d+$/)
    const signed = `${headers['webhook-id']}.1790000000.${body}`
    const expected = createHmac('sha256', key).update(signed).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${expected}`)
    await agentAt(server.url).answer(sampleQuestion(), live())
    expect(server.asked[1]!.headers['webhook-id']).not.toBe(headers['webhook-id'])
  })

  test.each(['{}', '[]', 'null', '"hola"', '{"reply": 5}', '{"reply": {"text": "x"}}', '{"reply": "x"', ''])(
    'that answers %s has not answered',
    async (raw) => {
      await server.close()
      server = await openServer({ whole: () => raw })
      await expect(agentAt(server.url).answer(sampleQuestion(), live())).rejects.toThrow('without a reply')
    },
  )

  test('may say that there is nothing to say', async () => {
    await server.close()
    server = await openServer({ whole: () => '{"reply": null}' })
    expect(await agentAt(server.url).answer(sampleQuestion(), live())).toBeUndefined()
  })
})
