import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { describePhone, formatPhone, maskPhone, whatsappIds } from './phone-facts.ts'
import { canonicalPhone } from './phone-number.ts'

const phone = canonicalPhone

test.each([
  ['+5491123456789', 'AR', 'mobile', '+549112345'],
  ['+541123456789', 'AR', 'landline', '+54112345'],
  ['+5511961234567', 'BR', 'mobile', '+551196123'],
  ['+553133334444', 'BR', 'landline', '+55313333'],
  ['+558000464636', 'BR', 'toll_free', '+55800046'],
  ['+5540031234', 'BR', 'shared_cost', '+554003'],
  ['+525512345678', 'MX', 'mobile_or_landline', '+52551234'],
  ['+12133734253', 'US', 'mobile_or_landline', '+1213373'],
  ['+19005551234', 'US', 'premium', '+1900555'],
  ['+88216123456', undefined, 'voip', '+8821612'],
  ['+979123456789', undefined, 'premium', '+97912345'],
])('%s is of %s, %s, beside others of %s', (e164, region, type, prefix) => {
  expect(describePhone(phone(e164))).toEqual({ region, type, prefix })
})

test('a phone of old rows that no plan knows any more is of no region and no type', () => {
  expect(describePhone(phone('+999123456789'))).toEqual({
    region: undefined,
    type: 'unknown',
    prefix: '+99912345',
  })
})

test.each([
  ['+5491123456789', '+54 9 11 2345-6789'],
  ['+5511961234567', '+55 11 96123-4567'],
  ['+553133334444', '+55 31 3333-4444'],
  ['+525512345678', '+52 55 1234 5678'],
  ['+59894231234', '+598 94 231 234'],
  ['+999123456789', '+999123456789'],
])('%s is shown as %s', (e164, shown) => expect(formatPhone(phone(e164))).toBe(shown))

test.each([
  ['+5491123456789', '+54•••6789'],
  ['+5511961234567', '+55•••4567'],
  ['+59894231234', '+598•••1234'],
  ['+6834002', '+683•••02'],
  ['+999123456789', '+•••89'],
])('%s is logged as %s', (e164, masked) => expect(maskPhone(phone(e164))).toBe(masked))

describe('WhatsApp ids', () => {
  const { typed } = JSON.parse(
    readFileSync(new URL('../../../test/vectors/phone-numbers.json', import.meta.url), 'utf8'),
  ) as { typed: { e164: string | null; mobile?: boolean }[] }

  test('a Brazilian mobile whose digits without the 9 are a landline has only one', () => {
    expect(whatsappIds(phone('+5511941234567'))).toEqual(['5511941234567'])
    expect(whatsappIds(phone('+551141234567'))).toEqual(['551141234567'])
  })

  test('what the vectors call mobile is of a mobile type', () => {
    for (const { e164, mobile } of typed.filter((vector) => vector.e164 !== null))
      expect(describePhone(phone(e164 ?? '')).type.startsWith('mobile'), e164 ?? '').toBe(mobile)
  })
})
