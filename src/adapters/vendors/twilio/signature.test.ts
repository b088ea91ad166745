import { describe, expect, test } from 'vitest'
import { signatureOfTwilio } from '../../../../test/support/twilio-api.ts'
import { isSignedByTwilio, twilioSignature } from './signature.ts'

const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
const token = '12345'
const form = new URLSearchParams({
  ...{ CallSid: 'CA1234567890ABCDE', Caller: '+14158675309', Digits: '1234' },
  ...{ From: '+14158675309', To: '+18005551212' },
})
const published = 'RSOYDt4T1cUTdK1PDd93/VVr8B8='
const noBody = new Uint8Array()

describe('the signature of Twilio', () => {
  // https://www.twilio.com/docs/usage/webhooks/webhooks-security
  test('is the one in its documentation', () => {
    expect(twilioSignature(url, form, token)).toBe(published)
    expect(isSignedByTwilio({ url, form, body: noBody }, published, [token])).toBe(true)
  })

  // https://github.com/twilio/twilio-node/blob/main/spec/validation.spec.js
  test('covers a body that is no form by its hash in the address', () => {
    const body = Buffer.from('{"property": "value", "boolean": true}')
    const hash = '0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620'
    const signed = { url: `${url}&bodySHA256=${hash}`, form: new URLSearchParams(), body }
    expect(isSignedByTwilio(signed, 'a9nBmqA0ju/hNViExpshrM61xv4=', [token])).toBe(true)
    const changed = Buffer.from('{"property": "other", "boolean": true}')
    expect(isSignedByTwilio({ ...signed, body: changed }, 'a9nBmqA0ju/hNViExpshrM61xv4=', [token])).toBe(
      false,
    )
  })

  test.each([
    ['http', url.replace('https', 'http')],
    ['another host', url.replace('mycompany', 'yourcompany')],
    ['another order of the query', 'https://mycompany.com/myapp.php?bar=2&foo=1'],
    ['a slash more', url.replace('.php', '.php/')],
    ['no address', 'mycompany.com'],
  ])('does not fit %s', (_what, other) => {
    expect(isSignedByTwilio({ url: other, form, body: noBody }, published, [token])).toBe(false)
  })

  test('fits with and without the port, and with the query in either spelling', () => {
    const isSigned = (given: string, signed: string) =>
      isSignedByTwilio({ url: given, form, body: noBody }, signatureOfTwilio(signed, form, token), [token])
    expect(isSigned('https://x.example/a?q=1', 'https://x.example:443/a?q=1')).toBe(true)
    expect(isSigned('http://x.example/a', 'http://x.example:80/a')).toBe(true)
    expect(isSigned('https://x.example:8443/a', 'https://x.example/a')).toBe(true)
    expect(isSigned('https://x.example:8443/a', 'https://x.example:8443/a')).toBe(true)
    expect(isSigned('https://x.example:8443/a', 'https://x.example:8444/a')).toBe(false)
    expect(isSigned('https://x.example/a', 'https://x.example:8443/a')).toBe(false)
    expect(isSigned('https://x.example/a?q=%27%7E', "https://x.example/a?q='~")).toBe(true)
    expect(isSigned('https://x.example/a?q=%27%7E', 'https://x.example/a?q=%27%7E')).toBe(true)
  })

  test('covers parameters beyond the thousandth, also in the query', () => {
    const long = `https://x.example/a?${Array.from({ length: 1000 }, (_, index) => `p${index}=1`).join('&')}`
    const signature = signatureOfTwilio(long, form, token)
    expect(isSignedByTwilio({ url: long, form, body: noBody }, signature, [token])).toBe(true)
    expect(isSignedByTwilio({ url: `${long}&admin=1`, form, body: noBody }, signature, [token])).toBe(false)
  })

  test('covers every field, in any order, with several values and spaces at the ends', () => {
    const fields = new URLSearchParams([
      ...[
        ['b', ' x '],
        ['a', '2'],
        ['a', '1'],
        ['a', '2'],
        ['B', ''],
        ['ñ', '😀'],
      ],
    ] as [string, string][])
    const signature = signatureOfTwilio(url, fields, token)
    expect(isSignedByTwilio({ url, form: fields, body: noBody }, signature, [token])).toBe(true)
    const reversed = new URLSearchParams([...fields].reverse())
    expect(isSignedByTwilio({ url, form: reversed, body: noBody }, signature, [token])).toBe(true)
    for (const [name, value] of [
      ['a', '3'],
      ['c', ''],
      ['b', 'x'],
    ] as const) {
      const changed = new URLSearchParams(fields)
      if (name === 'b') changed.set(name, value)
      else changed.append(name, `${value}y`)
      expect(isSignedByTwilio({ url, form: changed, body: noBody }, signature, [token])).toBe(false)
    }
  })

  test('is of one of the tokens in force, and of no other', () => {
    const signed = { url, form, body: noBody }
    expect(isSignedByTwilio(signed, published, ['new-token', token])).toBe(true)
    expect(isSignedByTwilio(signed, published, ['new-token'])).toBe(false)
    expect(isSignedByTwilio(signed, published, [])).toBe(false)
    for (const header of [undefined, '', 'RSOYDt4T1cUTdK1PDd93/VVr8B8', `${published}, ${published}`])
      expect(isSignedByTwilio(signed, header, [token])).toBe(false)
  })
})
