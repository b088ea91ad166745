import { expect, test } from 'vitest'
import { isRefusal } from '../errors.ts'
import { parseName } from './parse-name.ts'

test.each([
  ['  Ana   Souza ', 'Ana Souza'],
  ["O'Higgins-Ñu\u0301ñez, Jr.", "O'Higgins-Ñúñez, Jr."],
  ['José', 'José'],
  ['Ana\u202e\u2066 Souza\u200b', 'Ana Souza'],
  ['Ana\r\nSet-Cookie: x', 'Ana Set-Cookie: x'],
  ['王小明', '王小明'],
  ['é'.repeat(80), 'é'.repeat(80)],
])('%j is the name %j', (typed, name) => expect(parseName(typed)).toBe(name.normalize('NFC')))

test.each(['', '   ', '123', '😀', '\u200b', '\u0000', 'a'.repeat(81), 'a'.repeat(100_000), '---'])(
  '%j is no name',
  (typed) => {
    let thrown: unknown
    try {
      parseName(typed)
    } catch (error) {
      thrown = error
    }
    expect(isRefusal(thrown, 'invalid_name')).toBe(true)
  },
)
