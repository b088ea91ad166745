import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRefusal, Refusal } from '../errors.ts'
import type { Session } from '../sessions/session.ts'
import type { AppAccountClaim, Lease } from './app-account-store.ts'
import type { AppSession } from './app-accounts.ts'
import { appName } from './app-identity.ts'
import { keepClaim, leaseSeconds } from './keep-claim.ts'
import { warnOfFailure } from './settle-account.ts'
import { signInToApp } from './sign-in-to-app.ts'
import { tellApp } from './tell-app.ts'
import type { UpstreamNeeds } from './upstream-needs.ts'

/** How long a sign-in waits for another process that is at the same account, before it goes on beside it. */
const waitMs = 3000
const lookAgainMs = 40

/** Who enters. */
type Entrant = Pick<Session['person'], 'id' | 'name' | 'email'>

/**
 * Signs the person of a session in to the application behind, after telling it what was due about them: what ends older
 * sessions there comes before the new one. Refuses with `not_signed_in` when the session is over, and as `AppAccounts` does.
 */
export function enterApp(needs: UpstreamNeeds, { id, person }: Session): Promise<AppSession> {
  // Noted before it happens: a session that ends meanwhile is due, and is told once the claim is given back.
  return enter(needs, person, () => needs.appAccountStore.noteEntry(person.id, id))
}

/**
 * The same for Portero itself, on behalf of a person who is at no browser: it is the account that they have through the web
 * door. No session here stands behind it, so the application is to be told of none that ends; whoever may not come in any
 * more is told to it all the same, and its token is to be dropped then. Refuses with `not_signed_in` where there is no such
 * person, or they may not come in.
 */
export async function enterAppOnBehalf(needs: UpstreamNeeds, personId: string): Promise<AppSession> {
  const person = await needs.appAccountStore.readPerson(personId)
  if (person === undefined) throw new Refusal('not_signed_in')
  return enter(needs, person, async () => true)
}

function enter(
  needs: UpstreamNeeds,
  entrant: Entrant,
  noteEntry: () => Promise<boolean>,
): Promise<AppSession> {
  const { appAccountStore, inTurn } = needs
  const personId = entrant.id
  return inTurn(personId, async () => {
    const lease = { token: randomUUID(), seconds: leaseSeconds }
    const stopKeeping = keepClaim(needs, personId, lease)
    let outcome: 'settled' | 'again' = 'again'
    try {
      const { claim, isInStep } = await catchUp(needs, entrant, lease)
      const isLive = await noteEntry()
      if (claim.person === undefined || !isLive) throw new Refusal('not_signed_in')
      const entered = await signInToApp(needs, { record: claim.record, person: claim.person })
      if (isInStep && entered.isInStep) outcome = 'settled'
      return entered.session
    } finally {
      stopKeeping()
      // A claim that cannot be given back falls due by itself.
      await appAccountStore.release(personId, lease.token, outcome).catch(() => {})
    }
  })
}

/**
 * Claims the account and tells what is due. What the application will not hear of older things keeps nobody out, but for an
 * account that the person has no more: the record of it is about to become that of another.
 */
async function catchUp(
  needs: UpstreamNeeds,
  person: Entrant,
  lease: Lease,
): Promise<{ claim: AppAccountClaim; isInStep: boolean }> {
  const claim = await claimAfterOthers(needs, person, lease)
  if (claim.person?.state !== 'active') throw new Refusal('not_signed_in')
  try {
    const outcome = await tellApp(needs, claim, lease.token)
    if (outcome === 'forgotten') return await catchUp(needs, person, lease)
    return {
      claim: { ...claim, record: { ...claim.record, suspendedRole: undefined } },
      isInStep: true,
    }
  } catch (thrown) {
    const isLeft = claim.record.accountId !== undefined && claim.record.email !== claim.person.email
    if (isLeft || !isRefusal(thrown) || !thrown.code.startsWith('app_')) throw thrown
    warnOfFailure(needs, thrown)
    return { claim, isInStep: false }
  }
}

async function claimAfterOthers(
  { appAccountStore, settings }: UpstreamNeeds,
  person: Entrant,
  lease: Lease,
): Promise<AppAccountClaim> {
  const first = { email: person.email, name: appName(person, settings.locale) }
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += lookAgainMs) {
    const claim = await appAccountStore.claimForEntry(person.id, first, lease, false)
    if (claim !== 'held') return claim
    await sleep(lookAgainMs)
  }
  const claim = await appAccountStore.claimForEntry(person.id, first, lease, true)
  if (claim === 'held') throw new TypeError('a forced claim was held')
  return claim
}
