import fc from 'fast-check'
import { expect, test } from 'vitest'
import { furtherState, type MessageState, messageStates } from './message-status.ts'

test.each<[MessageState, MessageState, MessageState]>([
  ['read', 'delivered', 'read'],
  ['delivered', 'sent', 'delivered'],
  ['failed', 'delivered', 'delivered'],
  ['delivered', 'failed', 'delivered'],
  ['sent', 'failed', 'failed'],
  ['failed', 'sent', 'failed'],
])('%s and then %s is %s', (one, other, further) => expect(furtherState(one, other)).toBe(further))

test('reports come to the same in any order and however often', () => {
  const states = fc.array(fc.constantFrom(...messageStates), { minLength: 1 })
  fc.assert(
    fc.property(states, (reports) => {
      const inOrder = reports.reduce(furtherState)
      expect([...reports, ...reports].reverse().reduce(furtherState)).toBe(inOrder)
    }),
  )
})
