import { randomUUID } from 'node:crypto'
import { isRefusal } from '../errors.ts'
import { keepClaim, leaseSeconds } from './keep-claim.ts'
import { tellApp } from './tell-app.ts'
import type { UpstreamNeeds } from './upstream-needs.ts'

/** `absent`: the application has no account of this person; `held`: another process is at it; `failed`: it is due again later. */
export type SettleOutcome = 'settled' | 'held' | 'absent' | 'failed'

/** Brings a person's account in the application in step with what is true here. Rejects only when the store is away. */
export function settleAccount(needs: UpstreamNeeds, personId: string): Promise<SettleOutcome> {
  const { appAccountStore, inTurn } = needs
  return inTurn(personId, async () => {
    const lease = { token: randomUUID(), seconds: leaseSeconds }
    const claim = await appAccountStore.claimAccount(personId, lease)
    if (typeof claim === 'string') return claim
    const stopKeeping = keepClaim(needs, personId, lease)
    try {
      await tellApp(needs, claim, lease.token)
    } catch (thrown) {
      warnOfFailure(needs, thrown)
      await appAccountStore.release(personId, lease.token, 'again')
      return 'failed'
    } finally {
      stopKeeping()
    }
    await appAccountStore.release(personId, lease.token, 'settled')
    return 'settled'
  })
}

/** Says, once an hour for each kind, that the application could not be told. */
export function warnOfFailure({ warnOf }: UpstreamNeeds, thrown: unknown): void {
  const reason = isRefusal(thrown) ? thrown.code : thrown instanceof Error ? thrown.name : 'unknown'
  warnOf(`settle ${reason}`, { reason }, 'the application could not be told of a change; it is tried again')
}
