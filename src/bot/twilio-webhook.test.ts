import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTwilioApi, signatureOfTwilio, type TwilioApi } from '../../test/support/twilio-api.ts'
import { openWebhookHouse, type WebhookHouse } from '../../test/support/webhook-house.ts'

const publicUrl = 'https://portero.example'
const signedUrl = `${publicUrl}/_portero/webhooks/twilio`
let twilio: TwilioApi
let house: WebhookHouse

beforeEach(async () => {
  twilio = await openTwilioApi()
  const { accountSid, authToken, from } = twilio
  house = await openWebhookHouse({ twilio: { accountSid, authTokens: [authToken], from }, publicUrl })
  twilio.subscribe(house.twilioUrl, signedUrl)
})
afterEach(async () => {
  await house.close()
  await twilio.close()
})

function form(change: Record<string, string> = {}): URLSearchParams {
  return new URLSearchParams({
    ...{ AccountSid: twilio.accountSid, MessageSid: `SM${'1'.repeat(32)}`, SmsStatus: 'received' },
    ...{ From: 'whatsapp:+5491123456789', To: `whatsapp:${twilio.from}`, Body: 'hola', ...change },
  })
}

async function post(
  body: string,
  signature: string | undefined,
  { query = '', type = 'application/x-www-form-urlencoded', headers = {} } = {},
) {
  const answer = await fetch(`${house.twilioUrl}${query}`, {
    ...{ method: 'POST', body },
    headers: {
      'content-type': type,
      ...(signature !== undefined && { 'x-twilio-signature': signature }),
      ...headers,
    },
  })
  await answer.text()
  return answer.status
}

describe('a webhook of Twilio', () => {
  test('is kept, with the space before its text and parameters that nobody knows, and answered with empty TwiML', async () => {
    const answer = await twilio.phone('+5491123456789', { name: 'Ana 😀' }).writes('  hola + 100% ñ ')
    expect(answer).toMatchObject({
      status: 200,
      body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
    })
    expect(house.received()).toMatchObject([
      { text: '  hola + 100% ñ ', profileName: 'Ana 😀', phone: '+5491123456789', messageId: answer.id },
    ])
  })

  test('is signed for the configured address, whatever the way to here says', async () => {
    const body = form()
    const signature = signatureOfTwilio(signedUrl, body, twilio.authToken)
    const lies = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
    expect(await post(body.toString(), signature, { headers: lies })).toBe(200)
    for (const wrong of [
      house.twilioUrl,
      signedUrl.replace('https', 'http'),
      `${signedUrl}/`,
      `${signedUrl}?a=1`,
    ])
      expect(await post(body.toString(), signatureOfTwilio(wrong, body, twilio.authToken)), wrong).toBe(401)
    expect(house.received()).toHaveLength(1)
  })

  test('is signed with its query as it stands', async () => {
    const body = form()
    const signature = signatureOfTwilio(`${signedUrl}?b=2&a=1`, body, twilio.authToken)
    expect(await post(body.toString(), signature, { query: '?b=2&a=1' })).toBe(200)
    expect(await post(body.toString(), signature, { query: '?a=1&b=2' })).toBe(401)
    expect(await post(body.toString(), signature)).toBe(401)
    const withPort = signatureOfTwilio(signedUrl.replace('.example', '.example:443'), body, twilio.authToken)
    expect(await post(body.toString(), withPort)).toBe(200)
  })

  test('is refused with 401 without a signature that fits', async () => {
    const body = form()
    const good = signatureOfTwilio(signedUrl, body, twilio.authToken)
    for (const signature of [undefined, '', good.slice(1), `${good},${good}`, `${'A'.repeat(27)}=`])
      expect(await post(body.toString(), signature)).toBe(401)
    expect(await post(form({ Body: 'adiós' }).toString(), good)).toBe(401)
    expect(await post(`${body}&Extra=1`, good)).toBe(401)
    expect(await post(body.toString(), good, { type: 'application/json' })).toBe(401)
    expect(await post('', good)).toBe(401)
    expect(house.received()).toEqual([])
  })

  test('with a body that is no form is nothing, however well it is signed', async () => {
    const empty = signatureOfTwilio(signedUrl, new URLSearchParams(), twilio.authToken)
    expect(await post('{"Body":"hola"}', empty, { type: 'application/json' })).toBe(200)
    expect(house.received()).toEqual([])
  })

  test('with two senders in it has none, because the order of values is not signed', async () => {
    const body = form()
    body.append('From', 'whatsapp:+5491100000000')
    expect(await post(body.toString(), signatureOfTwilio(signedUrl, body, twilio.authToken))).toBe(200)
    expect(house.received()).toEqual([])
  })

  test('is one however often it comes', async () => {
    const body = form()
    const signature = signatureOfTwilio(signedUrl, body, twilio.authToken)
    const hundred = await Promise.all(Array.from({ length: 100 }, () => post(body.toString(), signature)))
    expect(new Set(hundred)).toEqual(new Set([200]))
    expect(house.received()).toHaveLength(1)
  })

  test('by SMS, for another account or another number is acknowledged and passed over', async () => {
    for (const change of [
      { From: '+5491123456789' },
      { AccountSid: `AC${'0'.repeat(32)}` },
      { To: 'whatsapp:+14155238887' },
    ]) {
      const body = form(change)
      expect(await post(body.toString(), signatureOfTwilio(signedUrl, body, twilio.authToken))).toBe(200)
    }
    expect(house.received()).toEqual([])
    expect(house.lines).toHaveLength(3)
    expect(house.lines.join()).not.toContain('1123456789')
  })

  test('beyond 64 KB is not taken', async () => {
    const body = form({ Body: 'x'.repeat(64 * 1024) })
    expect(await post(body.toString(), signatureOfTwilio(signedUrl, body, twilio.authToken))).toBe(413)
  })

  test('brings what became of a message', async () => {
    expect(await twilio.reports(`SM${'2'.repeat(32)}`, 'undelivered', '+5491123456789', 63016)).toMatchObject(
      {
        status: 200,
      },
    )
    expect(house.statuses).toMatchObject([{ state: 'failed', failure: { reason: 'needs_template' } }])
    await twilio.reports(`SM${'2'.repeat(32)}`, 'queued', '+5491123456789')
    expect([house.statuses.length, house.lines.length]).toEqual([1, 0])
  })

  test('that cannot be kept is not acknowledged', async () => {
    house.state.failures = 1
    const body = form()
    const signature = signatureOfTwilio(signedUrl, body, twilio.authToken)
    expect(await post(body.toString(), signature)).toBe(500)
    expect(await post(body.toString(), signature)).toBe(200)
  })
})

test('the token can be changed: both count for a while, and without any there is nothing at this address', async () => {
  const { accountSid, authToken, from } = twilio
  for (const [authTokens, status] of [
    [['another-token-of-twilio', authToken], 200],
    [['another-token-of-twilio'], 401],
    [[], 404],
  ] as const) {
    const other = await openWebhookHouse({ twilio: { accountSid, authTokens, from }, publicUrl })
    twilio.subscribe(other.twilioUrl, signedUrl)
    expect((await twilio.phone('+5491123456789').writes('hola')).status).toBe(status)
    await other.close()
  }
})
