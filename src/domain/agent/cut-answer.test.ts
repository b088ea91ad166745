import { expect, test } from 'vitest'
import { answerMax, cutAnswer } from './cut-answer.ts'

test('what fits stays as it is', () => {
  for (const text of ['', 'Hola.', 'a'.repeat(answerMax)]) expect(cutAnswer(text)).toBe(text)
})

test('what does not fit ends after a whole word', () => {
  const cut = cutAnswer('palabra '.repeat(1000))
  expect(cut.length).toBeLessThanOrEqual(answerMax)
  expect(cut.length).toBeGreaterThan(answerMax - 20)
  expect(cut).toMatch(/^(palabra )+…$/)
})

test('what has no words ends after a whole character', () => {
  for (const text of ['😀'.repeat(3000), `a${'😀'.repeat(3000)}`]) {
    const cut = cutAnswer(text)
    expect(cut.length).toBeLessThanOrEqual(answerMax)
    expect(cut.isWellFormed()).toBe(true)
    expect(cut).toMatch(/😀 …$/u)
  }
})
