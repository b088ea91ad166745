import { expect, test } from 'vitest'
import { retryDelaySeconds } from './retry-delays.ts'

test('ten attempts within 76 hours, each pause no shorter than the one before', () => {
  const delays = Array.from({ length: 9 }, (_, at) => retryDelaySeconds(at + 1)!)
  expect(delays).toEqual(delays.toSorted((a, b) => a - b))
  expect(delays.reduce((sum, delay) => sum + delay, 0) / 3600).toBeCloseTo(75.6, 1)
  expect(retryDelaySeconds(10)).toBeUndefined()
})
