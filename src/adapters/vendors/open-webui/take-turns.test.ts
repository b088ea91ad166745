import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { takeTurns } from './take-turns.ts'

describe('work that takes turns', () => {
  test('runs once at a time for a key, and begins after whoever asks for it', async () => {
    let [running, most, begun] = [0, 0, 0]
    const work = takeTurns(async () => {
      begun += 1
      running += 1
      most = Math.max(most, running)
      const turn = begun
      await sleep(20)
      running -= 1
      return turn
    })
    const first = work('a')
    const second = Promise.all([work('a'), work('a'), work('a')])
    expect(await first).toBe(1)
    const third = work('a')
    expect(await second).toEqual([2, 2, 2])
    expect(await third).toBe(3)
    expect(most).toBe(1)
    expect(await Promise.all([work('a'), work('b')])).toEqual([4, 5])
    expect(most).toBe(2)
  })

  test('goes on after work that failed, which fails for those alone who shared it', async () => {
    let begun = 0
    const work = takeTurns(async () => {
      begun += 1
      await sleep(5)
      if (begun === 1) throw new Error('first')
      return begun
    })
    const [first, second] = await Promise.allSettled([work('a'), work('a')])
    expect(first.status).toBe('rejected')
    expect(second).toEqual({ status: 'fulfilled', value: 2 })
    expect(await work('a')).toBe(3)
  })
})
