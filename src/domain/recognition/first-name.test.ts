import { expect, test } from 'vitest'
import { firstNameOf } from './first-name.ts'

test.each([
  ['Juan', 'Juan'],
  ['  María José ', 'María'],
  ['Ana\u202e\r\n[ALERTA]', 'Ana'],
  ["O'Higgins", "O'Higgins"],
  ['王小明', '王小明'],
])('%j is greeted as %s', (names, first) => expect(firstNameOf(names)).toBe(first))

test.each([null, undefined, '', '  ', '\u200b', '12345678', '---'])('%j has no first name', (names) =>
  expect(firstNameOf(names)).toBeUndefined(),
)
