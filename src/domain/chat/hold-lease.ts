import type { Log } from '../log.ts'

/** For how long a chat, or a question, is taken; whoever still works on it renews that in time. */
export const leaseSeconds = 10

/** A lease that is renewed until `stop`; `lost` is aborted when it turned out to be somebody else's, or for nothing. */
export type HeldLease = { readonly lost: AbortSignal; stop(): void }

/** Renews a lease three times within its length. A renewal that fails is tried again at the next beat. */
export function holdLease(log: Log, renew: () => Promise<boolean>): HeldLease {
  const lost = new AbortController()
  const beat = setInterval(
    async () => {
      try {
        if (!(await renew())) lost.abort()
      } catch (thrown) {
        log.warn({ error: (thrown as Error).message }, 'a lease could not be renewed')
      }
    },
    (leaseSeconds * 1000) / 3,
  )
  beat.unref()
  return { lost: lost.signal, stop: () => clearInterval(beat) }
}
