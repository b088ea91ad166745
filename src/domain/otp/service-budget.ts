import { Refusal } from '../errors.ts'
import type { ChallengeStore, Digits } from './challenge-store.ts'
import type { LimitsConfig } from './limits-config.ts'

type Needs = { challengeStore: Pick<ChallengeStore, 'readTotals'>; config: { limits: LimitsConfig } }

/**
 * Holds the budgets of the whole service, of one country and of one prefix (a number without its last four digits), which
 * are sums up to a second old. Answers how long codes must be: 8 while so many wrong guesses come in, wherever from, that
 * somebody is trying numbers by the thousand. Refuses with `too_many_codes`.
 */
export async function requireServiceBudget(
  needs: Needs,
  of: { region: string; prefix: string },
): Promise<Digits> {
  const { limits } = needs.config
  const totals = await needs.challengeStore.readTotals(of.region, of.prefix)
  if (
    totals.sendsDay >= limits.service_sends_per_day ||
    totals.regionSendsDay >= limits.region_sends_per_day
  ) {
    throw new Refusal('too_many_codes', { retryAfterSeconds: 3600 })
  }
  if (
    totals.sendsHour >= limits.service_sends_per_hour ||
    totals.regionSendsHour >= limits.region_sends_per_hour ||
    totals.prefixSendsHour >= limits.prefix_sends_per_hour
  ) {
    throw new Refusal('too_many_codes', { retryAfterSeconds: 600 })
  }
  return totals.wrongGuessesHour >= limits.service_wrong_guesses_per_hour ? 8 : 6
}
