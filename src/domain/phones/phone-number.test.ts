import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { type CountryCode, getCountries, getExampleNumber } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { describe, expect, test } from 'vitest'
import { slowdown } from '../../../test/support/slowdown.ts'
import { isRefusal } from '../errors.ts'
import { whatsappIds } from './phone-facts.ts'
import { canonicalPhone, type PhoneSource, parsePhoneNumber } from './phone-number.ts'

type Vector = {
  input: string
  region: string | null
  from?: 'api-form' | 'page'
  e164: string | null
  refusal?: string
  whatsappIds?: string[]
}

const vectors: { typed: Vector[]; inboundWhatsApp: { waId: string; e164: string | null }[] } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/phone-numbers.json', import.meta.url), 'utf8'),
)

/** The phone, or the code of the refusal; anything else that is thrown fails the test. */
function outcome(
  input: string,
  source: PhoneSource = 'typed',
  region: string | undefined = undefined,
): string {
  try {
    return parsePhoneNumber(input, { region, source })
  } catch (thrown) {
    if (isRefusal(thrown)) return thrown.code
    throw thrown
  }
}

describe('the vectors', () => {
  test.each(vectors.typed)(
    '$input read in $region is $e164',
    ({ input, region, from, e164, refusal, whatsappIds: ids }) => {
      const source = from === 'api-form' ? 'api_form' : 'typed'
      expect(outcome(input, source, region ?? undefined)).toBe(e164 ?? refusal ?? 'invalid_phone')
      if (e164 !== null && ids !== undefined) expect(whatsappIds(canonicalPhone(e164))).toEqual(ids)
    },
  )

  test.each(vectors.inboundWhatsApp)('WhatsApp id $waId is $e164', ({ waId, e164 }) => {
    expect(outcome(waId, 'whatsapp')).toBe(e164 ?? 'invalid_phone')
  })
})

describe('spellings of one line', () => {
  const peru = '+51999999999'
  test.each([
    '+51 999 999 999',
    '+51-999-999-999',
    '(+51) 999999999',
    '+(51) 999999999',
    '0051999999999',
    '+51\u00a0999\u00a0999\u00a0999',
    '+51 999\u2011999\u2013999',
    '\u2066+51\u200b999999999\u2069',
    '\t+51 999 999 999 ',
    '+51.999.999.999',
    '＋５１９９９９９９９９９',
    '+٥١٩٩٩٩٩٩٩٩٩',
    '+۵۱۹۹۹۹۹۹۹۹۹',
    'WhatsApp:+51999999999',
    '51999999999:12@s.whatsapp.net',
  ])('%j is one phone', (spelling) => expect(outcome(spelling, 'typed', 'BR')).toBe(peru))

  test.each([
    '+55 (0) 11 96123-4567',
    '+55 011 96123-4567',
    '0 15 11 96123-4567',
    '005511961234567',
    '11.96123.4567',
  ])('Brazil reads %j', (spelling) => expect(outcome(spelling, 'typed', 'BR')).toBe('+5511961234567'))

  test('Argentina reads a mobile written with both its 9 and its 15', () =>
    expect(outcome('+54 9 11 15 2345 6789')).toBe('+5491123456789'))

  test('an Argentine toll-free number does not become a mobile', () =>
    expect(outcome('0800 333 4444', 'typed', 'AR')).toBe('+548003334444'))
})

describe('what is no number', () => {
  test.each([
    '+',
    '+0',
    '+0551196123456',
    '++5511961234567',
    '+5511961234567;ext=5',
    '+5511961234567 x5',
    '+5511961234567p123',
    '+5511961234567,,1',
    'tel:+5511961234567',
    '+55119612\u000034567',
    '+5511961234567\r\n',
    '+5511961234567\r\nBcc: x',
    '+5511961234567 12',
    '+९१९९९९९९९९९',
    '1234567890123456',
    'whatsapp:',
    'null',
  ])('%j is refused', (text) => expect(outcome(text, 'typed', 'BR')).toBe('invalid_phone'))

  test('what is longer than 64 characters is refused without being read', async () => {
    expect(outcome('+5511961234567'.padEnd(65), 'api_form', 'BR')).toBe('invalid_phone')
    const read = (text: string) => expect(outcome(text, 'api_form', 'BR')).toBe('invalid_phone')
    for (const sign of ['5', ' ', '\ufdfa']) {
      const [short, long] = [sign.repeat(65), sign.repeat(100_000)]
      expect(await slowdown(read, { short, long, runs: 50 })).toBeLessThan(8)
    }
  })

  test('a region that does not exist only leaves numbers without country code unread', () => {
    expect(outcome('+5511961234567', 'typed', 'XX')).toBe('+5511961234567')
    expect(outcome('11961234567', 'typed', 'XX')).toBe('invalid_phone')
  })
})

describe('a plus that was lost', () => {
  test('is put back only in form bodies', () => {
    expect(outcome(' 5491123456789', 'api_form', 'BR')).toBe('+5491123456789')
    expect(outcome('  5491123456789', 'api_form', 'BR')).toBe('+5491123456789')
    expect(outcome(' 5491123456789', 'typed', 'BR')).toBe('invalid_phone')
  })

  test('makes a number ambiguous when the region has another one of the same digits', () => {
    expect(outcome(' 51999998888', 'api_form', 'BR')).toBe('ambiguous_number')
    expect(outcome('51999998888', 'api_form', 'BR')).toBe('+5551999998888')
    expect(outcome('+51999998888', 'api_form', 'BR')).toBe('+51999998888')
  })

  test('is never put back to make a number of a region out of a foreign one with a slip', () =>
    expect(outcome(' 51 99999-888', 'api_form', 'BR')).toBe('invalid_phone'))
})

test('0055 is a country code to most and a carrier in Brazil, so it is refused where that matters', () => {
  expect(outcome('0055 51 99999-8888', 'typed', 'BR')).toBe('ambiguous_number')
  expect(outcome('0055 51 99999-8888', 'typed', 'AR')).toBe('+5551999998888')
})

test('a WhatsApp id is never taken for a mobile, however it is written', () => {
  for (const id of ['541123456789', '+541123456789', '541123456789@s.whatsapp.net', 'whatsapp:+541123456789'])
    expect(outcome(id, 'whatsapp', 'AR')).toBe('+541123456789')
  expect(outcome('541123456789@c.us', 'typed', 'AR')).toBe('+541123456789')
  expect(outcome('11 2345-6789', 'whatsapp', 'AR')).toBe('invalid_phone')
})

test('canonicalPhone takes what the tables hold and nothing else', () => {
  expect(canonicalPhone('+5511961234567')).toBe('+5511961234567')
  for (const text of ['5511961234567', '+55 11961234567', '+0511961234567', '', '+5511961234567\n'])
    expect(() => canonicalPhone(text)).toThrow(TypeError)
})

const regions = getCountries()
const sources: PhoneSource[] = ['typed', 'api_form', 'whatsapp']
const seeds = regions.flatMap((region) => getExampleNumber(region, examples)?.number ?? [])

/** Numbers near real ones: an example of some country with its last digits, and sometimes more of it, changed. */
const spelling = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.stringMatching(/^[+ ()0-9.-]{4,22}$/),
  fc
    .tuple(fc.constantFrom(...seeds), fc.nat(9999))
    .map(([e164, tail]) => e164.slice(0, -4) + String(tail).padStart(4, '0')),
  fc
    .tuple(fc.constantFrom('+54', '+549', '+55', '+52', '+521', '54', '0055', ' 55'), fc.nat(10 ** 11))
    .map(([code, rest]) => code + rest),
)
const region = fc.constantFrom<CountryCode | undefined>(undefined, 'AR', 'BR', 'MX', 'CO', 'US', ...regions)
const source = fc.constantFrom(...sources)

describe('whatever is typed', () => {
  test('gives a phone or a refusal', () => {
    fc.assert(
      fc.property(spelling, region, source, (text, inRegion, from) => {
        expect(outcome(text, from, inRegion)).toMatch(/^(\+[1-9]\d{6,14}|invalid_phone|ambiguous_number)$/)
      }),
      { numRuns: 3000 },
    )
  })

  test('reading a phone again changes nothing, in any region', () => {
    fc.assert(
      fc.property(spelling, region, source, region, (text, inRegion, from, again) => {
        const phone = outcome(text, from, inRegion)
        if (phone.startsWith('+')) expect(outcome(phone, from, again)).toBe(phone)
      }),
      { numRuns: 3000 },
    )
  })

  test('every WhatsApp id of a phone leads back to it, and so to no other', () => {
    fc.assert(
      fc.property(spelling, region, source, (text, inRegion, from) => {
        const phone = outcome(text, from, inRegion)
        if (!phone.startsWith('+')) return
        for (const id of whatsappIds(canonicalPhone(phone))) expect(outcome(id, 'whatsapp')).toBe(phone)
      }),
      { numRuns: 3000 },
    )
  })
})
