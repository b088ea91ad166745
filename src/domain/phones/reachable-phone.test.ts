import { describe, expect, test } from 'vitest'
import { isRefusal } from '../errors.ts'
import type { Channel } from '../messaging/channel.ts'
import { canonicalPhone } from './phone-number.ts'
import { requireReachable } from './reachable-phone.ts'

function outcome(e164: string, channel: Channel, allowedRegions: readonly string[]): string {
  try {
    requireReachable(canonicalPhone(e164), { allowedRegions, channel })
    return 'reachable'
  } catch (thrown) {
    if (isRefusal(thrown)) return thrown.code
    throw thrown
  }
}

const here = ['BR', 'AR', 'US']

test.each(['sms', 'whatsapp', 'voice'] as const)(
  'a mobile of an allowed region is reachable by %s',
  (channel) => {
    for (const e164 of ['+5511961234567', '+5491123456789', '+12133734253'])
      expect(outcome(e164, channel, here)).toBe('reachable')
  },
)

test('a landline can be called and can have WhatsApp, but gets no SMS', () => {
  expect(outcome('+553133334444', 'sms', here)).toBe('phone_not_reachable')
  expect(outcome('+553133334444', 'voice', here)).toBe('reachable')
  expect(outcome('+553133334444', 'whatsapp', here)).toBe('reachable')
})

describe.each(['sms', 'whatsapp', 'voice'] as const)('by %s nobody reaches', (channel) => {
  test.each([
    ['a toll-free number', '+558000464636'],
    ['a shared-cost number', '+553001234567'],
    ['a number of a whole company', '+5540031234'],
    ['a premium number', '+19005551234'],
    ['a premium number of Argentina', '+546001234567'],
  ])('%s', (_, e164) => expect(outcome(e164, channel, here)).toBe('phone_not_reachable'))

  test('another country, not even one with the same calling code', () => {
    expect(outcome('+51999999999', channel, here)).toBe('country_not_allowed')
    expect(outcome('+14165550123', channel, here)).toBe('country_not_allowed')
    expect(outcome('+5511961234567', channel, [])).toBe('country_not_allowed')
  })

  test.each(['+88216123456', '+8835100123456', '+979123456789', '+80012345678', '+999123456789'])(
    '%s, which is of no country',
    (e164) => expect(outcome(e164, channel, here)).toBe('country_not_allowed'),
  )
})
