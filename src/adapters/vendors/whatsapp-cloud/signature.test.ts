import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { metaJson, metaSignature } from '../../../../test/support/meta-webhooks.ts'
import { isSignedByMeta } from './signature.ts'
import { subscriptionChallenge } from './subscription.ts'

const secret = 'a-secret-of-the-app'
const body = metaJson({ text: 'ñandú 😀 https://x.example/' })
const signature = metaSignature(body, secret)

test('bytes are signed by any of the secrets in force', () => {
  expect(isSignedByMeta(body, signature, [secret])).toBe(true)
  expect(isSignedByMeta(body, signature, ['the-new-one', secret])).toBe(true)
  expect(isSignedByMeta(body, signature, [secret, 'the-new-one'])).toBe(true)
  expect(isSignedByMeta(body, signature, ['the-new-one'])).toBe(false)
  expect(isSignedByMeta(body, signature, [])).toBe(false)
})

test('the same JSON in other bytes is not signed', () => {
  const again = Buffer.from(JSON.stringify(JSON.parse(body.toString())))
  expect(again.equals(body)).toBe(false)
  expect(isSignedByMeta(again, signature, [secret])).toBe(false)
  expect(isSignedByMeta(Buffer.concat([body, Buffer.from(' ')]), signature, [secret])).toBe(false)
})

test.each([
  ['nothing', undefined],
  ['an empty header', ''],
  ['a name without a value', 'sha256='],
  ['the HMAC without its name', signature.slice(7)],
  ['capital letters', signature.toUpperCase().replace('SHA256', 'sha256')],
  ['a piece of it', signature.slice(0, -2)],
  ['more than it', `${signature}00`],
  ['two of them', `${signature}, ${signature}`],
  ['SHA-1', `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`],
  ['that of other bytes', metaSignature(Buffer.from('{}'), secret)],
  ['a line break at its end', `${signature}\n`],
])('%s is no signature', (_what, header) => {
  expect(isSignedByMeta(body, header, [secret])).toBe(false)
})

const asked = (change: Record<string, string> = {}) =>
  new URLSearchParams({
    ...{ 'hub.mode': 'subscribe', 'hub.verify_token': 'the-token', 'hub.challenge': '1158201444' },
    ...change,
  })

test('the challenge is given back to whoever knows the token', () => {
  expect(subscriptionChallenge(asked(), 'the-token')).toBe('1158201444')
})

test.each([
  ['another token', asked({ 'hub.verify_token': 'the-tokem' })],
  ['no token', asked({ 'hub.verify_token': '' })],
  ['another wish', asked({ 'hub.mode': 'unsubscribe' })],
  ['markup to give back', asked({ 'hub.challenge': '<script>alert(1)</script>' })],
  ['nothing to give back', asked({ 'hub.challenge': '' })],
  ['a book to give back', asked({ 'hub.challenge': '1'.repeat(200) })],
  ['two tokens', new URLSearchParams(`${asked()}&hub.verify_token=the-token`)],
  ['nothing', new URLSearchParams()],
])('nothing is given back for %s', (_what, query) => {
  expect(subscriptionChallenge(query, 'the-token')).toBeUndefined()
})
