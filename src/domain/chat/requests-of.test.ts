import { expect, test } from 'vitest'
import type { ConversationEvent } from '../conversation/conversation-event.ts'
import { canonicalPhone } from '../phones/phone-number.ts'
import { requestsOf } from './requests-of.ts'

const phone = canonicalPhone('+5491123456789')
const kindsOf = (event: ConversationEvent) =>
  requestsOf({ events: [event], level: 'declared' }, phone).map(({ kind }) => kind)

test.each(['code', 'proof', 'approval'] as const)(
  'twenty wrong documents are a request under a first contact by %s as well, of all phones',
  (mode) => {
    expect(kindsOf({ event: 'asked_more', mode, isAlarming: false })).toEqual([])
    expect(
      requestsOf({ events: [{ event: 'asked_more', mode, isAlarming: true }], level: undefined }, phone),
    ).toEqual([
      {
        kind: 'documents',
        isOfAll: true,
        phone: undefined,
        level: undefined,
        personId: undefined,
        until: undefined,
      },
    ])
  },
)

test('what was undone at once asks nothing of anybody, what was not does', () => {
  expect(kindsOf({ event: 'document_disowned', personId: '1', phones: [] })).toEqual([])
  expect(kindsOf({ event: 'not_me', personId: '1' })).toEqual(['not_me'])
})
