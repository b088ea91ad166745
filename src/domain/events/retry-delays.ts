/**
 * Seconds to wait after each attempt that failed, as Standard Webhooks proposes: ten attempts within some 76 hours, so that a
 * receiver which is away for a weekend is back before the last.
 */
const delays = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]

/** When to try again after so many attempts, in seconds; undefined when there is to be none. */
export function retryDelaySeconds(attempts: number): number | undefined {
  return delays[attempts - 1]
}
