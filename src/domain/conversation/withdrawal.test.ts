import { expect, test } from 'vitest'
import { withdraws } from './withdrawal.ts'

test.each(['olvidar', 'Olvidá', 'OLVIDAR A TODOS', 'esquecer', 'forget me', 'BAJA', 'SAIR', 'STOP'])(
  '%s takes something back',
  (text) => expect(withdraws({ text, isButton: false })).toBe(true),
)

test.each(['hola', 'ayuda', 'no quiero olvidar mi turno', '', 'asesor', 'ALTA'])('%j does not', (text) =>
  expect(withdraws({ text, isButton: false })).toBe(false),
)

test('a button does if its command does', () => {
  expect(withdraws({ text: 'n1.do.forget', isButton: true })).toBe(true)
  expect(withdraws({ text: 'n1.do.help', isButton: true })).toBe(false)
  expect(withdraws({ text: 'n1.who.1', isButton: true })).toBe(false)
  expect(withdraws({ text: 'BAJA', isButton: true })).toBe(true)
})
