import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitText } from './split-text.ts'

test('a text is cut after a paragraph, a line, a sentence, a word, in this order', () => {
  expect(splitText('one two\n\nthree four', 12)).toEqual(['one two', 'three four'])
  expect(splitText('one. two\nthree four', 12)).toEqual(['one. two', 'three four'])
  expect(splitText('one two. three four', 12)).toEqual(['one two.', 'three four'])
  expect(splitText('one two three four', 12)).toEqual(['one two', 'three four'])
  expect(splitText('onetwothreefour', 6)).toEqual(['onetwo', 'threef', 'our'])
  expect(splitText('short', 6)).toEqual(['short'])
  expect(splitText(' \n ', 6)).toEqual([])
})

test('whatever the text, pieces fit, no character is cut in two, and only white space is lost', () => {
  const character = fc.constantFrom('a', 'é', '😀', ' ', '\n', '. ')
  fc.assert(
    fc.property(
      fc.string({ unit: character, maxLength: 300 }),
      fc.integer({ min: 2, max: 40 }),
      (text, max) => {
        const pieces = splitText(text, max)
        expect(pieces.every((piece) => piece.length <= max && piece !== '' && piece.isWellFormed())).toBe(
          true,
        )
        expect(pieces.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
      },
    ),
  )
})
