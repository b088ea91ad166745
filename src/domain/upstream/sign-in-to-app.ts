import { isRefusal } from '../errors.ts'
import type { AppAccountOnRecord, AppAccountPerson } from './app-account-store.ts'
import type { AppIdentity, AppSession } from './app-accounts.ts'
import { appIdentity, appName, roleToTell } from './app-identity.ts'
import { warnOfFailure } from './settle-account.ts'
import type { UpstreamNeeds } from './upstream-needs.ts'

type Of = {
  readonly record: AppAccountOnRecord
  readonly person: AppAccountPerson
}

/** A session there; `isInStep` unless something about the account could not be told with it. */
type Entered = { readonly session: AppSession; readonly isInStep: boolean }

/**
 * Signs a person in under their claimed account, and records what that told. An account that is not the one on record is
 * told everything as for the first time. Refuses as `AppAccounts` does; nothing is handed out that could not be recorded.
 *
 * The application is asked for the account before each sign-in. One that has lost its accounts would make the next to come
 * its administrator, unless a role is told with that very request; and the question, put by Portero's own account, makes that
 * one the first again.
 */
export async function signInToApp(needs: UpstreamNeeds, of: Of): Promise<Entered> {
  const { record, person } = of
  const isAtSameAddress = record.email === person.email
  if (record.accountId !== undefined && isAtSameAddress) {
    const isThere = (await needs.appAccounts.readAccount(record.accountId)) !== undefined
    const entered = isThere ? await signIn(needs, of, false) : undefined
    if (entered?.session.accountId === record.accountId) return entered
    const fresh = { ...of, record: await startAfresh(needs, of) }
    // Another was made by this sign-in, of which nothing was told but the name.
    return signIn(needs, fresh, isThere || (await isNew(needs, fresh)))
  }
  // A first sign-in that was not answered keeps what it told.
  const fresh = isAtSameAddress ? of : { ...of, record: await startAfresh(needs, of) }
  return signIn(needs, fresh, await isNew(needs, fresh))
}

/** Whether the role of the account is Portero's to say, as that of one which it makes, or made without being answered. */
async function isNew(needs: UpstreamNeeds, { record, person }: Of): Promise<boolean> {
  const isNobodys = (await findAccount(needs, person)) === undefined
  // An address that somebody gave the person may be an administrator's, who would be one no more.
  return !person.isJoined || isNobodys || record.role !== undefined
}

/** A pseudonym is the person's own, whatever the answer. */
async function findAccount(
  needs: UpstreamNeeds,
  { email, isJoined }: AppAccountPerson,
): Promise<string | undefined> {
  try {
    return await needs.appAccounts.findAccount(email)
  } catch (thrown) {
    if (isJoined || !isRefusal(thrown) || !thrown.code.startsWith('app_')) throw thrown
    warnOfFailure(needs, thrown)
    return undefined
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
  const role = roleToTell({ ...of, isNew }, needs.settings.adminPhones) ?? record.role
  // Before it is told: an application that makes the account and dies is told again.
  if (isNew) await needs.appAccountStore.noteTold(person.id, { role })
  const session = await needs.appAccounts.signIn(identity)
  const isOther = record.accountId !== undefined && session.accountId !== record.accountId
  if (isOther) return { session, isInStep: false }
  await needs.appAccountStore.noteTold(person.id, {
    accountId: session.accountId,
    role,
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
