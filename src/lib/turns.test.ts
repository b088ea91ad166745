import { expect, test } from 'vitest'
import { openTurns } from './turns.ts'

test('work for one key is done one after the other in the order asked, past failures; other keys do not wait', async () => {
  const inTurn = openTurns()
  const seen: string[] = []
  const work = (name: string, ms: number) => async () => {
    seen.push(`${name} begins`)
    await new Promise((resolve) => setTimeout(resolve, ms))
    seen.push(`${name} ends`)
    if (name === 'a1') throw new Error(name)
    return name
  }
  const asked = [
    inTurn('a', work('a1', 20)),
    inTurn('a', work('a2', 5)),
    inTurn('b', work('b1', 1)),
    inTurn('a', work('a3', 0)),
  ]
  const settled = await Promise.allSettled(asked)
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  expect(seen.filter((text) => text.startsWith('a'))).toEqual([
    ...['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends', 'a3 begins', 'a3 ends'],
  ])
  expect(seen.indexOf('b1 ends')).toBeLessThan(seen.indexOf('a1 ends'))
})
