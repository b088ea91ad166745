import { expect, test } from 'vitest'
import { typedCode } from './typed-code.ts'

test.each([
  '012345',
  ' 012345 ',
  '012 345',
  '012-345',
  '012\u00a0345',
  '０１２３４５',
  '0 1 2 3 4 5',
  'Tu código es 012 345. No lo compartas.',
])('finds the code in %j', (text) => {
  expect(typedCode(text, 6)).toBe('012345')
})

test.each(['', '01234', '0123456', 'abcdef', '１２３', 'x'.repeat(501), '٠١٢٣٤٥'])(
  'finds none in %.20j',
  (text) => {
    expect(typedCode(text, 6)).toBeUndefined()
  },
)

test('takes eight digits where eight are wanted', () => {
  expect(typedCode('0123 4567', 8)).toBe('01234567')
  expect(typedCode('012345', 8)).toBeUndefined()
})
