import { createHmac, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type GraphApi, openGraphApi } from '../../test/support/graph-api.ts'
import { metaEnvelope, metaJson, metaSignature, postMetaWebhook } from '../../test/support/meta-webhooks.ts'
import { openWebhookHouse, type WebhookHouse } from '../../test/support/webhook-house.ts'

let graph: GraphApi
let house: WebhookHouse
beforeEach(async () => {
  graph = await openGraphApi()
  const { phoneNumberId, appSecret, verifyToken } = graph
  house = await openWebhookHouse({ whatsapp: { phoneNumberId, appSecrets: [appSecret], verifyToken } })
  expect(await graph.subscribe(house.whatsappUrl)).toBe(true)
})
afterEach(async () => {
  await house.close()
  await graph.close()
})

const texts = () => house.received().map(({ text }) => text)

/** Bytes of a webhook with one message, ready to be sent by whoever. */
function webhook(text = 'hola'): Buffer {
  return metaJson(
    metaEnvelope([graph.phone('5491123456789').message('text', { text: { body: text } }).change]),
  )
}

async function post(body: Uint8Array, headers: Record<string, string>, query = '') {
  const answer = await fetch(`${house.whatsappUrl}${query}`, {
    ...{ method: 'POST', body: Buffer.from(body) },
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { status: answer.status, text: await answer.text() }
}

describe('a webhook of Meta', () => {
  test('is kept before it is acknowledged, whatever alphabet it is in', async () => {
    const sent = await graph.phone('553188887777', { name: 'Zoë 😀' }).writes('olá/ñ 😀 \u202eabc')
    expect(sent.statuses).toEqual([200])
    expect(house.received()).toMatchObject([
      { messageId: sent.id, phone: '+5531988887777', text: 'olá/ñ 😀 \u202eabc', profileName: 'Zoë 😀' },
    ])
  })

  test('is refused with 401 without a signature that fits, and nothing of it is kept', async () => {
    const body = webhook()
    const good = metaSignature(body, graph.appSecret)
    const sha1 = `sha1=${createHmac('sha1', graph.appSecret).update(body).digest('hex')}`
    for (const headers of [
      {},
      { 'x-hub-signature-256': '' },
      { 'x-hub-signature-256': 'sha256=' },
      { 'x-hub-signature-256': metaSignature(body, 'another-secret') },
      { 'x-hub-signature-256': good.slice(0, -1) },
      { 'x-hub-signature-256': good.toUpperCase() },
      { 'x-hub-signature-256': `${good}, ${good}` },
      { 'x-hub-signature': sha1 },
      { 'x-hub-signature-256': sha1 },
    ]) {
      const answer = await post(body, headers as Record<string, string>)
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([401, 'invalid_signature'])
    }
    expect(house.received()).toEqual([])
    expect(house.lines.filter((line) => line.includes('refused for its signature'))).toHaveLength(1)
  })

  test('with two signature headers is refused, even if both are right', async () => {
    const body = webhook()
    const good = metaSignature(body, graph.appSecret)
    const status = await new Promise((resolve, reject) => {
      const headers = { 'x-hub-signature-256': [good, good], 'content-length': body.length }
      const req = request(house.whatsappUrl, { method: 'POST', headers }, (res) => {
        res.resume()
        resolve(res.statusCode)
      })
      req.on('error', reject)
      req.end(body)
    })
    expect(status).toBe(401)
  })

  test('that somebody parsed and wrote again is refused', async () => {
    const body = webhook('ñ')
    const again = Buffer.from(JSON.stringify(JSON.parse(body.toString())))
    expect((await post(again, { 'x-hub-signature-256': metaSignature(body, graph.appSecret) })).status).toBe(
      401,
    )
  })

  test('has no body, or a signature over none, and is refused or no webhook', async () => {
    expect((await fetch(house.whatsappUrl, { method: 'POST' })).status).toBe(401)
    const empty = new Uint8Array()
    const signed = { 'x-hub-signature-256': metaSignature(empty, graph.appSecret) }
    expect((await fetch(house.whatsappUrl, { method: 'POST', headers: signed })).status).toBe(400)
  })

  test('is one webhook however often it comes, and whatever is added to it unsigned', async () => {
    const body = webhook()
    const signed = { 'x-hub-signature-256': metaSignature(body, graph.appSecret) }
    const hundred = await postMetaWebhook(house.whatsappUrl, body, graph.appSecret, { copies: 100 })
    expect(new Set(hundred)).toEqual(new Set([200]))
    for (const [headers, query] of [
      [{ 'content-type': 'text/plain' }, ''],
      [
        { 'x-message-id': 'other', 'content-type': 'application/x-www-form-urlencoded' },
        '?from=5491100000000',
      ],
    ] as const)
      expect((await post(body, { ...signed, ...headers }, query)).status).toBe(200)
    expect(texts()).toEqual(['hola'])
  })

  test('with nine good messages and a bad one brings nine', async () => {
    const ana = graph.phone('5491123456789')
    const changes = Array.from({ length: 10 }, (_, index) => {
      const { change } = ana.message('text', { text: { body: `m${index}` } })
      if (index === 4) (change.value.messages as { timestamp: unknown }[])[0]!.timestamp = { $gt: '' }
      return change
    })
    expect(await graph.deliver(changes)).toEqual([200])
    expect(texts()).toEqual(['m0', 'm1', 'm2', 'm3', 'm5', 'm6', 'm7', 'm8', 'm9'])
    const [line] = house.lines.filter((one) => one.includes('passed over'))
    expect(line).toBe('{"channel":"whatsapp","unreadable":1} parts of a webhook were passed over')
  })

  test('for a number of another service is acknowledged and passed over, which the log tells', async () => {
    const { change } = graph.phone('5491123456789').message('text', { text: { body: 'hola' } })
    change.value.metadata = { phone_number_id: '999999999' }
    expect(await graph.deliver([change])).toEqual([200])
    expect(house.received()).toEqual([])
    expect(house.lines).toEqual([
      '{"channel":"whatsapp","other_number":1} parts of a webhook were passed over',
    ])
  })

  test('with a thousand messages is taken, and one beyond 3 MB is not', async () => {
    const changes = Array.from(
      { length: 1000 },
      (_, index) =>
        graph.phone(`54911${20000000 + index}`).message('text', { text: { body: 'x'.repeat(2000) } }).change,
    )
    expect(await graph.deliver(changes)).toEqual([200])
    expect(house.received()).toHaveLength(1000)

    const big = Buffer.concat([webhook(), Buffer.alloc(3 * 1024 * 1024, ' ')])
    const answer = await post(big, { 'x-hub-signature-256': metaSignature(big, graph.appSecret) })
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([413, 'too_large'])
    expect(house.received()).toHaveLength(1000)
  })

  test('comes again until it could be kept, and is then one', async () => {
    house.state.failures = 2
    const { statuses } = await graph.phone('5491123456789').writes('hola')
    expect(statuses).toEqual([200])
    expect(texts()).toEqual(['hola'])
  })

  test('brings statuses and news of accounts, which are no messages', async () => {
    const changed = { type: 'user_changed_number', wa_id: '5491100000000' }
    const { change } = graph.phone('5491123456789').message('system', { system: changed })
    const failed = graph.status('wamid.x', 'failed', { code: 131047, ref: 'reply-1' })
    expect(await graph.deliver([graph.status('wamid.x', 'read'), failed, change])).toEqual([200])
    expect(house.statuses).toMatchObject([
      { messageId: 'wamid.x', state: 'read' },
      { messageId: 'wamid.x', state: 'failed', ref: 'reply-1', failure: { reason: 'needs_template' } },
    ])
    expect(house.identityChanges).toMatchObject([
      { kind: 'number', before: { phone: '+5491123456789' }, after: { phone: '+5491100000000' } },
    ])
    expect(house.received()).toEqual([])
  })

  test('of any bytes at all is answered without a fault, and kept only when it is signed', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(text)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (body, isSigned) => {
        const secret = isSigned ? graph.appSecret : 'forged'
        const { status } = await post(body, { 'x-hub-signature-256': metaSignature(body, secret) })
        expect(isSigned ? [200, 400] : [401]).toContain(status)
      }),
      { numRuns: 150 },
    )
    expect(house.received()).toEqual([])
  })

  test('leaves no name, number or text in the log', async () => {
    const ana = graph.phone('5491123456789', { name: 'Anastasia' })
    await ana.writes('mi secreto')
    await ana.send('reaction', { reaction: { emoji: '👍' } })
    house.state.failures = 1
    await ana.writes('otro secreto')
    expect(house.lines.length).toBeGreaterThan(0)
    expect(house.lines.join('\n')).not.toMatch(/Anastasia|secreto|1123456789|wamid/)
  })
})

describe('the secret of the app', () => {
  test('can be changed: both count for a while, then the new one alone', async () => {
    const { phoneNumberId, verifyToken } = graph
    const [old, next] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')]
    for (const [appSecrets, statuses] of [
      [[old], [200, 401]],
      [
        [next, old],
        [200, 200],
      ],
      [[next], [401, 200]],
    ] as const) {
      const other = await openWebhookHouse({ whatsapp: { phoneNumberId, appSecrets, verifyToken } })
      const answered: number[] = []
      for (const secret of [old, next])
        answered.push(...(await postMetaWebhook(other.whatsappUrl, webhook(), secret, { retries: 0 })))
      await other.close()
      expect(answered).toEqual(statuses)
    }
  })

  test('is needed: without one there is nothing at this address', async () => {
    const { phoneNumberId, verifyToken } = graph
    const other = await openWebhookHouse({ whatsapp: { phoneNumberId, appSecrets: [], verifyToken } })
    expect((await fetch(other.whatsappUrl, { method: 'POST', body: '{}' })).status).toBe(404)
    expect((await fetch(other.whatsappUrl)).status).toBe(404)
    await other.close()
  })
})

describe('the question whether a webhook is wanted', () => {
  const ask = (change: Record<string, string>) => {
    const query = {
      ...{ 'hub.mode': 'subscribe', 'hub.verify_token': graph.verifyToken, 'hub.challenge': '1158201444' },
      ...change,
    }
    return fetch(`${house.whatsappUrl}?${new URLSearchParams(query)}`)
  }

  test('is answered with the bare challenge, as plain text', async () => {
    const answer = await ask({})
    expect([answer.status, await answer.text()]).toEqual([200, '1158201444'])
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each([
    [{ 'hub.verify_token': 'wrong' }],
    [{ 'hub.verify_token': '' }],
    [{ 'hub.mode': 'unsubscribe' }],
    [{ 'hub.challenge': '<script>alert(1)</script>' }],
  ])('is refused with 403 for %j, and gives nothing back', async (change) => {
    const answer = await ask(change as Record<string, string>)
    const text = await answer.text()
    expect([answer.status, JSON.parse(text).code]).toEqual([403, 'invalid_verify_token'])
    expect(text).not.toContain('script')
  })
})

describe('somebody who hides their number', () => {
  test('is an id alone, with the number only where they share it under a request', async () => {
    const ana = graph.phone('5491123456789', { isHidden: true, userId: 'AR.1502576394655843' })
    await ana.writes('hola')
    await ana.sharesContact('wamid.request')
    await ana.forwardsCard('5491100000000', 'wamid.request')
    const nobody = { chatKey: 'whatsapp:AR.1502576394655843', phone: undefined, isProof: false }
    expect(house.received()).toMatchObject([
      { ...nobody, text: 'hola', signals: { inReplyTo: undefined, sharedPhone: undefined } },
      { ...nobody, text: '', signals: { inReplyTo: 'wamid.request', sharedPhone: '+5491123456789' } },
      { ...nobody, text: '', signals: { inReplyTo: 'wamid.request', sharedPhone: undefined } },
    ])
  })
})
