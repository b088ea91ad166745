import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { slowdown } from '../../../test/support/slowdown.ts'
import { randomSecret } from '../../lib/random-secret.ts'
import { findTokens, signInToken, writtenToken } from './sign-in-token.ts'

const tokensOf = (text: string) => findTokens(text).map(({ token }) => token)

describe('the token of a prepared message', () => {
  test('is 13 signs, the same for the same secret, and another for another', () => {
    const secrets = Array.from({ length: 2000 }, randomSecret)
    const tokens = secrets.map(signInToken)
    expect(tokens.every((token) => /^[0-9A-HJKMNP-TV-Z]{13}$/.test(token))).toBe(true)
    expect(new Set(tokens).size).toBe(2000)
    expect(signInToken(secrets[0]!)).toBe(tokens[0])
    expect(tokens[0]).not.toContain(secrets[0]!.slice(0, 6))
    // Every place takes every sign.
    for (let at = 0; at < 13; at++) expect(new Set(tokens.map((token) => token[at])).size).toBe(32)
  })

  test('is found again anywhere in a text, as people copy and type it', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 4, maxLength: 30 }),
        fc.string({ unit: 'grapheme', maxLength: 80 }).filter((text) => !/[0-9A-Za-z]/.test(text)),
        (secret, around) => {
          const token = signInToken(secret)
          const written = writtenToken(token)
          expect(tokensOf(`${around} ${written} ${around}`)).toContain(token)
          expect(tokensOf(written.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l'))).toEqual([token])
          expect(tokensOf(`Quiero entrar a A-B. Código: *${written}*. No lo mandes`)).toEqual([token])
          expect(tokensOf(token)).toEqual([token])
          expect(tokensOf(written.replaceAll('-', ' – '))).toEqual([token])
        },
      ),
    )
  })

  test('is not seen in what people write otherwise, and longer runs hold none', () => {
    for (const text of ['hola', 'hola como estas', '12.345.678', '+54 9 11 2345-6789', 'A'.repeat(40), '']) {
      expect(findTokens(text)).toEqual([])
    }
    expect(findTokens('7K3M-9QXA-2BCDE7')).toEqual([])
    expect(findTokens('7K3M-9QXA-2BCDU')).toEqual([])
    // Words of thirteen letters may be one, but are not taken for one of ours that is over.
    expect(findTokens('comprarcosasa')).toEqual([{ token: 'C0MPRARC0SASA', isDashed: false }])
  })

  test('is looked for in a few places, those that are written as ours are first', () => {
    const many = `${'abcdefghjkmnp '.repeat(200)}7K3M-9QXA-2BCDE`
    expect(tokensOf(many)).toHaveLength(3)
    expect(tokensOf(many)[0]).toBe('7K3M9QXA2BCDE')
  })

  test.each(['a', 'a-', 'abcd-', 'abcdefghjkmnp '])(
    'is looked for in time that is bounded, in many of %j',
    async (piece) => {
      const of = (length: number) => piece.repeat(length).slice(0, length)
      // Sixteen times as much: what is quadratic would take 256 times as long. What is longer is not looked at.
      expect(await slowdown(findTokens, { short: of(256), long: of(4096), runs: 5 })).toBeLessThan(64)
      expect(await slowdown(findTokens, { short: of(4096), long: of(400_000), runs: 5 })).toBeLessThan(8)
    },
  )
})
