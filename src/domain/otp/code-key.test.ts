import { createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { canonicalPhone } from '../phones/phone-number.ts'
import { codeProof, deriveCode, parseCode } from './code-key.ts'

const key = createSecretKey(Buffer.alloc(32, 7))
const otherKey = createSecretKey(Buffer.alloc(32, 8))
const phone = canonicalPhone('+5511961234567')
const salt = Buffer.alloc(16, 1)
const of = { purpose: 'sign_in', phone, challengeId: 'AAAAAAAAAAAAAAAAAAAAAA', salt, digits: 6 } as const

describe('a derived code', () => {
  // Whoever changes the derivation makes every open code wrong, on every replica that is not changed yet.
  test('is the one that it has always been', () => {
    expect(deriveCode(key, of)).toBe('166898')
    expect(deriveCode(key, { ...of, digits: 8 })).toBe('75166898')
    expect(codeProof(key, { purpose: 'sign_in', phone, code: '012345' }).toString('hex')).toBe(
      'befed700c59720f2059751b9b595b24b92618c8ba9719e9120a2149f3819b0af',
    )
  })

  test('depends on the key, the phone, the challenge, the salt and the length', () => {
    const codes = [
      deriveCode(key, of),
      deriveCode(otherKey, of),
      deriveCode(key, { ...of, phone: canonicalPhone('+5511961234568') }),
      deriveCode(key, { ...of, challengeId: 'BAAAAAAAAAAAAAAAAAAAAA' }),
      deriveCode(key, { ...of, salt: Buffer.alloc(16, 2) }),
      deriveCode(key, { ...of, digits: 8 }),
    ]
    expect(new Set(codes).size).toBe(codes.length)
    expect(deriveCode(key, { ...of })).toBe(codes[0])
  })

  test('is equally likely to be any of the million: leading zeros are kept, and no digit is preferred', () => {
    const count = 200_000
    const buckets = new Uint32Array(1000)
    const digits = Array.from({ length: 6 }, () => new Uint32Array(10))
    const each = Buffer.alloc(16)
    let withZero = 0
    for (let i = 0; i < count; i += 1) {
      each.writeUInt32BE(i)
      const code = deriveCode(key, { ...of, salt: each })
      if (code.length !== 6) throw new Error(`${code.length} digits`)
      if (code.startsWith('0')) withZero += 1
      buckets[Math.floor(Number(code) / 1000)]! += 1
      for (let at = 0; at < 6; at += 1) digits[at]![Number(code[at])]! += 1
    }
    // 99.99 % of fair draws stay below these; the draw is the same each time.
    expect(chiSquare(buckets, count)).toBeLessThan(1175)
    for (const digit of digits) expect(chiSquare(digit, count)).toBeLessThan(34)
    expect(Math.abs(withZero / count - 0.1)).toBeLessThan(0.003)
  })

  test('of eight digits is spread over all of them', () => {
    const count = 50_000
    const buckets = new Uint32Array(100)
    const each = Buffer.alloc(16)
    for (let i = 0; i < count; i += 1) {
      each.writeUInt32BE(i)
      const code = deriveCode(key, { ...of, salt: each, digits: 8 })
      expect(code.length).toBe(8)
      buckets[Math.floor(Number(code) / 1_000_000)]! += 1
    }
    expect(chiSquare(buckets, count)).toBeLessThan(155)
  })
})

test('a proof is of one code on one phone under one key', () => {
  const proof = codeProof(key, { purpose: 'sign_in', phone, code: '012345' })
  const others = [
    codeProof(key, { purpose: 'sign_in', phone, code: '012346' }),
    codeProof(key, { purpose: 'sign_in', phone: canonicalPhone('+5511961234568'), code: '012345' }),
    codeProof(otherKey, { purpose: 'sign_in', phone, code: '012345' }),
  ]
  for (const other of others) expect(other.equals(proof)).toBe(false)
})

test.each([
  ['012345', '012345'],
  [' 012 345 ', '012345'],
  ['012-345', '012345'],
  ['0123.4567', '01234567'],
  ['０１２３４５', '012345'],
  ['\u202a012345\u202c', '012345'],
])('%j is typed for %s', (typed, code) => expect(parseCode(typed)).toBe(code))

test.each([
  '',
  '12345',
  '1234567',
  '123456789',
  '+12345',
  '12345a',
  '١٢٣٤٥٦',
  '1'.repeat(65),
  '123456\u0000',
])('%j is no code', (typed) => expect(parseCode(typed)).toBeUndefined())

function chiSquare(buckets: Uint32Array, count: number): number {
  const expected = count / buckets.length
  return buckets.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)
}
