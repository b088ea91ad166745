import type { ChallengeStore } from './challenge-store.ts'
import type { Digits } from './code-key.ts'
import type { LimitsConfig } from './limits-config.ts'

type Needs = { challengeStore: Pick<ChallengeStore, 'readTotals'>; config: { limits: LimitsConfig } }

export type ServiceBudget = {
  /** How long strangers have to wait for a code; 0 when they need not. Browsers that are known are asked for their own budgets alone. */
  readonly strangersWaitSeconds: number
  /** 8 while so many wrong guesses come in, wherever from, that somebody is trying numbers by the thousand. */
  readonly digitsMin: Digits
}

/**
 * What is left for a phone of the budgets of the whole service, of its country and of its prefix (the number without its
 * last four digits), which are sums up to a second old.
 */
export async function readServiceBudget(
  needs: Needs,
  of: { region: string; prefix: string },
): Promise<ServiceBudget> {
  const { limits } = needs.config
  const totals = await needs.challengeStore.readTotals(of.region, of.prefix)
  const isDaySpent =
    totals.sendsDay >= limits.service_sends_per_day || totals.regionSendsDay >= limits.region_sends_per_day
  const isHourSpent =
    totals.sendsHour >= limits.service_sends_per_hour ||
    totals.regionSendsHour >= limits.region_sends_per_hour ||
    totals.prefixSendsHour >= limits.prefix_sends_per_hour
  return {
    strangersWaitSeconds: isDaySpent ? 3600 : isHourSpent ? 600 : 0,
    digitsMin: totals.wrongGuessesHour >= limits.service_wrong_guesses_per_hour ? 8 : 6,
  }
}
