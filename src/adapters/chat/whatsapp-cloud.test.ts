import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chatSenderContract, sampleReply } from '../../../test/contracts/chat-sender.contract.ts'
import { type GraphApi, type GraphFault, openGraphApi } from '../../../test/support/graph-api.ts'
import type { SendFailure } from '../../domain/chat/chat-sender.ts'
import { silentLog } from '../../domain/log.ts'
import { whatsappCloudChat } from './whatsapp-cloud.ts'

const codes: Partial<Record<SendFailure, number>> = {
  ...{ invalid_number: 131021, no_chat: 131026, opted_out: 131050, config: 190, needs_template: 131047 },
  ...{ rejected: 130497, rate_limited: 131056, unavailable: 131016 },
}
const failures = Object.keys(codes) as SendFailure[]

function senderTo(graph: GraphApi, log = silentLog) {
  return whatsappCloudChat({
    ...{ fetch, log, baseUrl: graph.url, apiVersion: 'v26.0' },
    ...{ phoneNumberId: graph.phoneNumberId, accessToken: graph.accessToken },
  })
}

chatSenderContract(
  "WhatsApp's Cloud API",
  async () => {
    const graph = await openGraphApi()
    const ana = graph.phone('5491123456789')
    ana.message('text', { text: { body: 'hola' } })
    const lines: string[] = []
    const write = (facts: object, text: string) => lines.push(JSON.stringify(facts), text)
    let isAway = false
    const sender = whatsappCloudChat({
      fetch: (url, init) => {
        const to = isAway ? url.replace(graph.url, 'http://127.0.0.1:2') : url
        isAway = false
        return fetch(to, init)
      },
      log: { info: write, warn: write, error: write },
      ...{ baseUrl: graph.url, apiVersion: 'v26.0' },
      ...{ phoneNumberId: graph.phoneNumberId, accessToken: graph.accessToken },
    })
    return {
      ...{ sender, address: ana.address, secrets: [graph.accessToken] },
      arrived: () =>
        ana.shows().map(({ text, buttons }) => ({ text, titles: buttons.map(({ title }) => title) })),
      attempts: () => graph.attempts.length,
      behave(behaviour) {
        if (behaviour.kind === 'accepts') graph.faults.push('none')
        else if (behaviour.kind === 'away') isAway = true
        else if (behaviour.kind === 'throttles')
          graph.faults.push({ code: 130429, status: 429, retryAfterSeconds: behaviour.retryAfterSeconds })
        else if (behaviour.kind === 'fails') graph.faults.push({ code: codes[behaviour.failure]! })
        else graph.faults.push(behaviour.kind satisfies GraphFault)
      },
      logged: () => lines.join('\n'),
      close: graph.close,
    }
  },
  { failures, textMax: 4096, hasButtons: true },
)

describe('over WhatsApp', () => {
  let graph: GraphApi
  beforeEach(async () => {
    graph = await openGraphApi()
  })
  afterEach(() => graph.close())
  const live = () => AbortSignal.timeout(5000)

  test('a hidden number is answered by its user id, and can be asked for', async () => {
    const hidden = graph.phone('5491123456789', { isHidden: true, userId: 'AR.1502576394655843' })
    hidden.message('text', { text: { body: 'hola' } })
    const to = { sender: senderTo(graph), address: hidden.address }
    const reply = sampleReply(to, { text: 'Compartí tu número.', asksFor: 'contact' })
    expect(await to.sender.send(reply, live())).toHaveProperty('sentAs')
    expect(hidden.shows()).toMatchObject([
      { text: 'Compartí tu número.', isContactRequest: true, ref: reply.id },
    ])
    expect(graph.attempts[0]!.body).toMatchObject({ recipient: 'AR.1502576394655843' })
    expect(graph.attempts[0]!.body).not.toHaveProperty('to')
  })

  test('buttons stand under the last piece of a text that is too long for them', async () => {
    const ana = graph.phone('5491123456789')
    ana.message('text', { text: { body: 'hola' } })
    const to = { sender: senderTo(graph), address: ana.address }
    const text = `${'palabra '.repeat(200)}\n\n¿Seguimos?`
    await to.sender.send(sampleReply(to, { text, buttons: [{ id: 'n:yes', title: 'Sí' }] }), live())
    expect(ana.shows().map(({ buttons }) => buttons.length)).toEqual([0, 1])
  })

  test('whoever has not written for a day cannot be answered without a template', async () => {
    const ana = graph.phone('5491123456789')
    ana.message('text', { text: { body: 'hola' } }, Date.now() - 25 * 3600_000)
    const to = { sender: senderTo(graph), address: ana.address }
    expect(await to.sender.send(sampleReply(to), live())).toEqual({ failed: 'needs_template' })
  })

  test('a reply with nothing in it is not sent', async () => {
    const to = { sender: senderTo(graph), address: '5491123456789' }
    expect(await to.sender.send(sampleReply(to, { text: ' \n' }), live())).toEqual({ failed: 'rejected' })
    expect(graph.attempts).toEqual([])
  })

  test('a wrong token is told to the operator, without the token', async () => {
    const lines: unknown[] = []
    const log = { ...silentLog, error: (facts: object, text: string) => lines.push([facts, text]) }
    const sender = whatsappCloudChat({
      ...{ fetch, log, baseUrl: graph.url, apiVersion: 'v26.0' },
      ...{ phoneNumberId: graph.phoneNumberId, accessToken: 'a-token-of-yesterday' },
    })
    const to = { sender, address: '5491123456789' }
    expect(await sender.send(sampleReply(to), live())).toEqual({ failed: 'config' })
    expect(JSON.stringify(lines)).toContain('"providerCode":"190"')
    expect(JSON.stringify(lines)).not.toContain('yesterday')
  })
})
