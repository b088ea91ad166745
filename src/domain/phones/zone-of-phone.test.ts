import { expect, test } from 'vitest'
import { canonicalPhone } from './phone-number.ts'
import { zoneOfPhone } from './zone-of-phone.ts'

test.each([
  ['+5491123456789', 'America/Argentina/Buenos_Aires'],
  ['+5511961234567', 'America/Sao_Paulo'],
  ['+59899123456', 'America/Montevideo'],
  ['+595981123456', 'America/Asuncion'],
  ['+56961234567', 'America/Santiago'],
  ['+12025550123', 'America/New_York'],
  ['+447400123456', 'Europe/London'],
  ['+881612345678', 'UTC'],
])('%s lives by %s', (phone, zone) => expect(zoneOfPhone(canonicalPhone(phone))).toBe(zone))

test('every zone is one that Node knows', () => {
  for (const phone of ['+61412345678', '+14165550123', '+593991234567', '+34612345678', '+64211234567'])
    expect(
      () => new Intl.DateTimeFormat('es', { timeZone: zoneOfPhone(canonicalPhone(phone)) }),
    ).not.toThrow()
})
