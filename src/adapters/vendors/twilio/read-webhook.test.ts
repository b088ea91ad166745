import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTwilioWebhook } from './read-webhook.ts'

const own = {
  ...{ accountSid: `AC${'0'.repeat(32)}`, from: '+14155238886', receivedAt: new Date(1_760_000_000_000) },
}
const inbound = {
  ...{ AccountSid: own.accountSid, MessageSid: `SM${'1'.repeat(32)}`, SmsStatus: 'received' },
  ...{ From: 'whatsapp:+5491123456789', To: 'whatsapp:+14155238886', WaId: '5491123456789' },
  ...{ Body: ' hola ', ProfileName: 'Ana', NumMedia: '0' },
}
const read = (change: Record<string, string> = {}) =>
  readTwilioWebhook(new URLSearchParams({ ...inbound, ...change }), own)

describe('a message over Twilio', () => {
  test('is read with who wrote it and where answers go', () => {
    expect(read()).toEqual({
      kind: 'message',
      message: {
        ...{ channel: 'twilio', messageId: inbound.MessageSid, chatKey: 'twilio:+5491123456789' },
        ...{ phone: '+5491123456789', isProof: true, text: ' hola ', isButton: false, profileName: 'Ana' },
        ...{ at: undefined, address: '+5491123456789' },
        signals: {
          ...{ userId: undefined, identityHash: undefined, inReplyTo: undefined, sharedPhone: undefined },
        },
      },
    })
  })

  test('of an old Brazilian id is of the number with its 9, and is answered where it came from', () => {
    expect(read({ From: 'whatsapp:+553188887777' })).toMatchObject({
      message: { phone: '+5531988887777', address: '+553188887777' },
    })
  })

  test('of a hidden number has an id for a sender', () => {
    expect(read({ From: 'whatsapp:BR.1502576394655843', WaId: '' })).toMatchObject({
      message: { phone: undefined, isProof: false, address: 'BR.1502576394655843' },
    })
    expect(read({ ExternalUserId: 'AR.1' })).toMatchObject({
      message: { phone: '+5491123456789', signals: { userId: 'AR.1' } },
    })
  })

  test('that is a press on a button has its payload', () => {
    expect(read({ ButtonPayload: 'n1:yes', ButtonText: 'Sí', Body: 'Sí' })).toMatchObject({
      message: { text: 'n1:yes', isButton: true },
    })
    expect(read({ Body: '', NumMedia: '1', MediaUrl0: 'https://x.example/' })).toMatchObject({
      message: { text: '' },
    })
  })

  test.each([
    ['by SMS, where anybody can choose the sender', { From: '+5491123456789' }, 'not_whatsapp'],
    ['to a number by SMS', { To: '+14155238886' }, 'not_whatsapp'],
    ['for another account', { AccountSid: `AC${'2'.repeat(32)}` }, 'other_account'],
    ['for another number', { To: 'whatsapp:+14155238887' }, 'other_number'],
    ['from a number of no country', { From: 'whatsapp:+120363025246125' }, 'no_sender'],
    ['from another channel', { From: 'messenger:123' }, 'not_whatsapp'],
    ['without an id', { MessageSid: '' }, 'unreadable'],
  ])('%s is passed over', (_what, change, why) => {
    expect(read(change)).toEqual({ kind: 'nothing', why })
  })

  test('with two values for one field says neither', () => {
    const form = new URLSearchParams(inbound)
    form.append('From', 'whatsapp:+5491100000000')
    expect(readTwilioWebhook(form, own)).toEqual({ kind: 'nothing', why: 'not_whatsapp' })
  })
})

describe('a status over Twilio', () => {
  const status = (state: string, change: Record<string, string> = {}) =>
    read({ From: inbound.To, To: inbound.From, MessageStatus: state, SmsStatus: state, ...change })

  test.each([
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['undelivered', 'failed'],
    ['failed', 'failed'],
  ])('%s is %s', (told, state) => {
    expect(status(told)).toMatchObject({ kind: 'status', status: { state, messageId: inbound.MessageSid } })
  })

  test.each(['queued', 'accepted', 'sending', 'dreamt'])('%s says nothing yet', (told) => {
    expect(status(told)).toEqual({ kind: 'nothing', why: 'on_its_way' })
  })

  test.each([
    ['63016', 'needs_template'],
    ['63024', 'no_whatsapp'],
    ['30007', 'rejected'],
    ['x', 'rejected'],
  ])('of a failure with code %s is %s', (code, reason) => {
    expect(status('failed', { ErrorCode: code })).toMatchObject({ status: { failure: { reason } } })
  })

  test('about somebody else’s number is passed over', () => {
    expect(status('read', { From: 'whatsapp:+14155238887' })).toEqual({
      kind: 'nothing',
      why: 'other_number',
    })
  })
})

test('no form makes it throw', () => {
  const names = fc.constantFrom(...Object.keys(inbound), 'MessageStatus', 'ButtonPayload', 'ErrorCode', 'x')
  const values = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...Object.values(inbound)))
  fc.assert(
    fc.property(fc.array(fc.tuple(names, values), { maxLength: 20 }), (fields) => {
      const form = new URLSearchParams({ AccountSid: own.accountSid, MessageSid: inbound.MessageSid })
      for (const [name, value] of fields) form.append(name, value)
      expect(['message', 'status', 'nothing']).toContain(readTwilioWebhook(form, own).kind)
    }),
  )
})
