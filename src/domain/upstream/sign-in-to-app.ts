import { isRefusal } from '../errors.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { AppAccountOnRecord, AppAccountPerson } from './app-account-store.ts'
import type { AppIdentity, AppSession } from './app-accounts.ts'
import { appIdentity, appName } from './app-identity.ts'
import { warnOfFailure } from './settle-account.ts'
import type { UpstreamNeeds } from './upstream-needs.ts'

type Of = {
  readonly record: AppAccountOnRecord
  readonly person: AppAccountPerson
  readonly phones: readonly PhoneNumber[]
}

/** A session there; `isInStep` unless something about the account could not be told with it. */
type Entered = { readonly session: AppSession; readonly isInStep: boolean }

/**
 * Signs a person in under their claimed account, and records what that told. An account that is not the one on record is
 * told everything as for the first time. Refuses as `AppAccounts` does; nothing is handed out that could not be recorded.
 */
export async function signInToApp(needs: UpstreamNeeds, of: Of): Promise<Entered> {
  const { record, person } = of
  const isAtSameAddress = record.email === person.email
  if (record.accountId !== undefined && isAtSameAddress) {
    const entered = await signIn(needs, of, false)
    if (entered.session.accountId === record.accountId) return entered
    // It was deleted there, and this sign-in made another one, of which nothing was told but the name.
    return signIn(needs, { ...of, record: await startAfresh(needs, of) }, true)
  }
  const isNew = await isNobodys(needs, person)
  // A first sign-in that was not answered keeps the name that it told.
  const fresh = isAtSameAddress ? record : await startAfresh(needs, of)
  return signIn(needs, { ...of, record: fresh }, isNew)
}

/** Whether there is no account under the person's address yet, as there may be by an earlier try or by joining. */
async function isNobodys(needs: UpstreamNeeds, { email, isJoined }: AppAccountPerson): Promise<boolean> {
  try {
    return (await needs.appAccounts.findAccount(email)) === undefined
  } catch (thrown) {
    // A pseudonym is nobody's in all likelihood; another address may be an administrator's, who would be one no more.
    if (isJoined || !isRefusal(thrown) || !thrown.code.startsWith('app_')) throw thrown
    warnOfFailure(needs, thrown)
    return true
  }
}

async function startAfresh(needs: UpstreamNeeds, { record, person }: Of): Promise<AppAccountOnRecord> {
  const nothingTold = {
    accountId: undefined,
    email: person.email,
    name: appName(person, needs.settings.locale),
    ...{ role: undefined, groups: [], hasToldGroups: false, suspendedRole: undefined, isSuspended: false },
  }
  await needs.appAccountStore.noteTold(record.personId, nothingTold)
  return { ...record, ...nothingTold }
}

async function signIn(needs: UpstreamNeeds, of: Of, isNew: boolean): Promise<Entered> {
  const { record, person } = of
  const { identity, isWhole } = await identityOf(needs, of, isNew)
  const session = await needs.appAccounts.signIn(identity)
  const isOther = record.accountId !== undefined && session.accountId !== record.accountId
  if (isOther) return { session, isInStep: false }
  await needs.appAccountStore.noteTold(person.id, {
    accountId: session.accountId,
    role: person.role,
    ...(isWhole
      ? { groups: person.groups, hasToldGroups: record.hasToldGroups || identity.groups !== undefined }
      : {}),
    ...{ suspendedRole: undefined, isSuspended: false },
  })
  const isNamed = person.name === undefined || person.name === record.name
  return { session, isInStep: isWhole && isNamed }
}

/** Without groups where the application does not answer about them: they stay as they are there, and due. */
async function identityOf(
  needs: UpstreamNeeds,
  of: Of,
  isNew: boolean,
): Promise<{ identity: AppIdentity; isWhole: boolean }> {
  try {
    return { identity: await appIdentity(needs, { ...of, isNew }), isWhole: true }
  } catch (thrown) {
    if (!isRefusal(thrown) || !thrown.code.startsWith('app_')) throw thrown
    warnOfFailure(needs, thrown)
    const withoutGroups = {
      ...of,
      person: { ...of.person, groups: [] },
      record: { ...of.record, hasToldGroups: false },
    }
    return { identity: await appIdentity(needs, { ...withoutGroups, isNew }), isWhole: false }
  }
}
