import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DocumentKind, documentKind, documentKinds, patternOf } from './document-kind.ts'
import { parseDocument } from './parse-document.ts'

const dni = (typed: string) => parseDocument(typed, ['dni'])
const cpf = (typed: string) => parseDocument(typed, ['cpf'])

describe('a DNI', () => {
  test.each([
    ['12.345.678', '12345678'],
    ['7.654.321', '7654321'],
    ['12345678', '12345678'],
    ['DNI 12345678', '12345678'],
    ['D.N.I.: 12.345.678', '12345678'],
    ['dni nº 12 345 678', '12345678'],
    ['mi DNI es 12345678', '12345678'],
    ['07654321', '7654321'],
    ['007654321', '7654321'],
    ['12-345-678', '12345678'],
    ['95.123.456', '95123456'],
    ['LE 1234567', '1234567'],
    ['L.C. 123456', '123456'],
    ['lc: 12345', '12345'],
    ['CI 8.765.432', '8765432'],
    ['１２３４５６７８', '12345678'],
    ['\u200e12345678\u200f', '12345678'],
    ['12\u00a0345\u00a0678', '12345678'],
  ] as [string, string][])('written %j is %s', (typed, value) =>
    expect(dni(typed)).toEqual({ kind: 'dni', value, isFromCuil: false }),
  )

  test.each([
    ['20-12345678-6', '12345678'],
    ['27-12345678-0', '12345678'],
    ['23-12345678-5', '12345678'],
    ['24-12345678-1', '12345678'],
    ['20111111112', '11111111'],
    ['CUIL 20-12345678-6', '12345678'],
    ['c.u.i.t.: 20 12345678 6', '12345678'],
    ['DNI 20-12345678-6', '12345678'],
  ] as [string, string][])('is the one inside the CUIL %j', (typed, value) =>
    expect(dni(typed)).toEqual({ kind: 'dni', value, isFromCuil: true }),
  )

  test.each([
    ['123456', 'too_short'],
    ['1', 'too_short'],
    ['00123456', 'too_short'],
    ['LE 1234', 'too_short'],
    ['123456789', 'too_long'],
    ['99999999999999999', 'too_long'],
    ['20-12345678-5', 'bad_check_digit'],
    ['CUIL 27-12345678-1', 'bad_check_digit'],
    ['30-50001091-3', 'bad_check_digit'],
    ['30-50001091-2', 'not_a_document'],
    ['00000000', 'not_a_document'],
    ['hola', 'not_a_document'],
    ['', 'not_a_document'],
    ['😀', 'not_a_document'],
    ['12345678 y 87654321', 'not_a_document'],
    ['12a345678', 'not_a_document'],
    ['+54 9 11 2345-6789', 'looks_like_phone'],
    ['11 2345-6789', 'looks_like_phone'],
    ['5491123456789', 'looks_like_phone'],
    ['1e7', 'not_a_document'],
    ['-12345678', 'not_a_document'],
    ['12345678; drop table usuarios', 'not_a_document'],
    ['1'.repeat(100_000), 'not_a_document'],
  ] as [string, string][])('is not guessed from %j: %s', (typed, reason) =>
    expect(dni(typed)).toEqual({ kind: 'dni', reason }),
  )

  test('is found under dots, zeros, words and its CUIL alike', () => {
    const numbers = fc.integer({ min: 1_000_000, max: 99_999_999 }).map(String)
    fc.assert(
      fc.property(numbers, fc.constantFrom('', 'DNI ', 'dni: ', 'D.N.I. '), (number, word) => {
        const dotted = number.replace(/\B(?=(\d{3})+$)/g, '.')
        for (const typed of [number, dotted, `0${number}`, ` ${number} `])
          expect(dni(word + typed)).toMatchObject({ value: number, isFromCuil: false })
        const eight = number.padStart(8, '0')
        const read = [...'0123456789'].map((check) => dni(`20-${eight}-${check}`))
        expect(read.filter((one) => 'value' in one).length).toBeLessThanOrEqual(1)
        for (const one of read) {
          expect(one).toEqual(
            'value' in one
              ? { kind: 'dni', value: number, isFromCuil: true }
              : { kind: 'dni', reason: 'bad_check_digit' },
          )
        }
      }),
    )
  })
})

describe('a CPF', () => {
  test.each([
    ['529.982.247-25', '52998224725'],
    ['11144477735', '11144477735'],
    ['CPF: 529 982 247 25', '52998224725'],
    ['529982247/25', '52998224725'],
  ] as [string, string][])('written %j is %s', (typed, value) =>
    expect(cpf(typed)).toEqual({ kind: 'cpf', value, isFromCuil: false }),
  )

  test.each([
    ['52998224726', 'bad_check_digit'],
    ['111.111.111-11', 'bad_check_digit'],
    ['00000000000', 'bad_check_digit'],
    ['5299822472', 'too_short'],
    ['99999822472500', 'too_long'],
    ['12345678', 'too_short'],
    ['11 96123-4567', 'looks_like_phone'],
    ['+55 11 96123-4567', 'looks_like_phone'],
    ['5511961234567', 'looks_like_phone'],
    ['oi', 'not_a_document'],
    ['529.982.247-2x', 'not_a_document'],
  ] as [string, string][])('is not guessed from %j: %s', (typed, reason) =>
    expect(cpf(typed)).toEqual({ kind: 'cpf', reason }),
  )

  test('has exactly one pair of check digits for nine digits, and none for nine times the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (number) => {
        const nine = String(number).padStart(9, '0')
        let right = 0
        for (let check = 0; check < 100; check += 1)
          right += 'value' in cpf(nine + String(check).padStart(2, '0')) ? 1 : 0
        expect(right).toBe(/^(\d)\1+$/.test(nine) ? 0 : 1)
      }),
      { numRuns: 30, examples: [[111_111_111], [999_999_999], [0]] },
    )
  })
})

describe('a document of another country', () => {
  const cedula: DocumentKind = {
    name: 'cédula',
    pattern: '[VE]\\d{6,8}',
    example: 'V-12345678',
    normalise: 'upper',
  }
  const run: DocumentKind = {
    name: 'RUN',
    pattern: '\\d{7,8}[\\dK]',
    example: '12.345.678-5',
    normalise: 'upper',
  }

  test('is what its pattern says, punctuation and capitals aside', () => {
    expect(parseDocument(' v-12.345.678 ', [cedula])).toEqual({
      ...{ kind: 'cédula', value: 'V12345678', isFromCuil: false },
    })
    expect(parseDocument('20.347.878-k', [run])).toMatchObject({ value: '20347878K' })
    expect(parseDocument('n° 12/34', [{ ...run, pattern: 'n°\\d{4}', normalise: 'digits' }])).toMatchObject({
      value: '1234',
    })
  })

  test.each([
    ['V-1234567890', 'too_long'],
    ['V-1234', 'too_short'],
    ['X12345678', 'not_a_document'],
    ['hola', 'not_a_document'],
    ['+58 412 123 4567', 'looks_like_phone'],
  ])('is not guessed from %j: %s', (typed, reason) =>
    expect(parseDocument(typed, [cedula])).toEqual({ kind: 'cédula', reason }),
  )

  test('has a pattern that is one, and is matched as a whole', () => {
    expect(documentKind.safeParse({ ...run, pattern: '(' }).success).toBe(false)
    expect(patternOf({ pattern: 'a|b' }).test('ab')).toBe(false)
  })
})

describe('where several kinds are asked for', () => {
  const both = (typed: string) => parseDocument(typed, ['dni', 'cpf'])
  test('each is known by what it looks like', () => {
    expect(both('12.345.678')).toMatchObject({ kind: 'dni' })
    expect(both('529.982.247-25')).toMatchObject({ kind: 'cpf' })
    expect(both('20-12345678-6')).toMatchObject({ kind: 'dni', isFromCuil: true })
  })

  test('the reason is the one that tells most', () => {
    expect(both('11 96123-4567')).toEqual({ kind: 'cpf', reason: 'looks_like_phone' })
    expect(both('529.982.247-26')).toEqual({ kind: 'cpf', reason: 'bad_check_digit' })
    expect(both('123456')).toMatchObject({ reason: 'too_short' })
    expect(both('hola')).toEqual({ kind: 'dni', reason: 'not_a_document' })
  })

  test('nothing makes it throw or answer with anything but letters and digits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
        const read = both(typed)
        if ('value' in read) expect(read.value).toMatch(/^\d{7,11}$/)
      }),
    )
  })
})

test('what is asked for is a list in which each kind stands once, and an example of each is read as it', () => {
  expect(documentKinds.parse(undefined)).toEqual(['dni'])
  for (const wrong of [[], ['dni', 'dni'], ['rut'], 'dni', [{ name: 'DNI', pattern: '(' }]])
    expect(documentKinds.safeParse(wrong).success).toBe(false)
  for (const kinds of documentKinds.meta()!.examples as unknown[]) {
    const [, other] = documentKinds.parse(kinds)
    const { name, example } = other as Exclude<DocumentKind, string>
    expect(parseDocument(example, [other!])).toMatchObject({ kind: name, value: expect.any(String) })
  }
})
