import { randomUUID } from 'node:crypto'
import { isRefusal } from '../errors.ts'
import { tellApp } from './tell-app.ts'
import type { UpstreamNeeds } from './upstream-needs.ts'

/** For how long one process has an account to itself: longer than all that it tells the application at once may take. */
export const leaseSeconds = 60

/** `absent`: the application has no account of this person; `held`: another process is at it; `failed`: it is due again later. */
export type SettleOutcome = 'settled' | 'held' | 'absent' | 'failed'

/** Brings a person's account in the application in step with what is true here. Rejects only when the store is away. */
export function settleAccount(needs: UpstreamNeeds, personId: string): Promise<SettleOutcome> {
  const { appAccountStore, inTurn } = needs
  return inTurn(personId, async () => {
    const token = randomUUID()
    const claim = await appAccountStore.claimAccount(personId, { token, seconds: leaseSeconds })
    if (typeof claim === 'string') return claim
    try {
      await tellApp(needs, claim, token)
    } catch (thrown) {
      warnOfFailure(needs, thrown)
      await appAccountStore.release(personId, token, 'again')
      return 'failed'
    }
    await appAccountStore.release(personId, token, 'settled')
    return 'settled'
  })
}

/** Says, once an hour for each kind, that the application could not be told. */
export function warnOfFailure({ warnOf }: UpstreamNeeds, thrown: unknown): void {
  const reason = isRefusal(thrown) ? thrown.code : thrown instanceof Error ? thrown.name : 'unknown'
  warnOf(`settle ${reason}`, { reason }, 'the application could not be told of a change; it is tried again')
}
