import type { AppAccountStore, Lease } from './app-account-store.ts'

type Needs = { readonly appAccountStore: Pick<AppAccountStore, 'renew'> }

/** What a process that died had under way is taken up by others after so long. */
export const leaseSeconds = 10

/**
 * Renews a claim three times in each lease, however long the application takes, until the function that it answers is called.
 * Never throws: a claim that could not be renewed runs out, and whoever takes it tells the same once more.
 */
export function keepClaim({ appAccountStore }: Needs, personId: string, lease: Lease): () => void {
  const renew = (): void => void appAccountStore.renew(personId, lease).catch(() => {})
  const timer = setInterval(renew, (lease.seconds * 1000) / 3).unref()
  return () => clearInterval(timer)
}
