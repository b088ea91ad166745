import { expect, test } from 'vitest'
import type { ServiceTotals } from './challenge-store.ts'
import { limitsConfig } from './limits-config.ts'
import { readServiceBudget } from './service-budget.ts'

const limits = limitsConfig.parse({})
const quiet: ServiceTotals = {
  ...{
    sendsHour: 0,
    sendsDay: 0,
    regionSendsHour: 0,
    regionSendsDay: 0,
    prefixSendsHour: 0,
    wrongGuessesHour: 0,
  },
}
const budgetAfter = (totals: Partial<ServiceTotals>) =>
  readServiceBudget(
    { challengeStore: { readTotals: async () => ({ ...quiet, ...totals }) }, config: { limits } },
    { region: 'BR', prefix: '+551196123' },
  )

test.each([
  ['sendsHour', 1000, 600],
  ['sendsDay', 5000, 3600],
  ['regionSendsHour', 500, 600],
  ['regionSendsDay', 3000, 3600],
  ['prefixSendsHour', 60, 600],
] as const)(
  'at a %s of %i strangers wait %i seconds, and one before nobody does',
  async (what, max, seconds) => {
    expect(await budgetAfter({ [what]: max - 1 })).toEqual({ strangersWaitSeconds: 0, digitsMin: 6 })
    expect(await budgetAfter({ [what]: max })).toEqual({ strangersWaitSeconds: seconds, digitsMin: 6 })
  },
)

test('after 300 wrong guesses in an hour, wherever, new codes have eight digits', async () => {
  expect(await budgetAfter({ wrongGuessesHour: 299 })).toMatchObject({ digitsMin: 6 })
  expect(await budgetAfter({ wrongGuessesHour: 300 })).toMatchObject({
    digitsMin: 8,
    strangersWaitSeconds: 0,
  })
})
