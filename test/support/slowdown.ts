/** Enough that one of them runs undisturbed, however busy the machine is. */
const tries = 7

/**
 * How many times as long some work takes on `long` as on `short`: of each the best of several tries, which are as many runs. No
 * clock of anybody decides: the same machine does both, and something quadratic shows by far more than any noise. What makes much
 * garbage is dearer when there is more of it: with `long` 64 times `short` it stays far below 1000, and what is quadratic does not.
 */
export async function slowdown<Input>(
  work: (input: Input) => unknown,
  { short, long, runs = 1 }: { short: Input; long: Input; runs?: number },
): Promise<number> {
  const best = { short: Number.POSITIVE_INFINITY, long: Number.POSITIVE_INFINITY }
  for (let i = 0; i < tries; i++) {
    best.short = Math.min(best.short, await timeOf(short))
    best.long = Math.min(best.long, await timeOf(long))
  }
  return best.long / best.short

  async function timeOf(input: Input): Promise<number> {
    const startedAt = performance.now()
    for (let run = 0; run < runs; run++) await work(input)
    return performance.now() - startedAt
  }
}
