import type { AppAccountClaim, AppAccountOnRecord } from './app-account-store.ts'
import type { AccountOutcome } from './app-accounts.ts'
import { appIdentity, roleToTell } from './app-identity.ts'
import type { UpstreamNeeds } from './upstream-needs.ts'

/** An account that the application has, with what is true here of its person. */
type Account = AppAccountClaim & { readonly record: AppAccountOnRecord & { readonly accountId: string } }
type Step = (needs: UpstreamNeeds, account: Account, token: string) => Promise<AccountOutcome>

/**
 * Tells the application what it has not been told of a claimed account, and records each thing once it was told: so a crash
 * in between repeats it. `forgotten` when nothing is left to keep: there is no account, or no person any more. Refuses as
 * `AppAccounts` does, and what comes after that stays due.
 */
export async function tellApp(
  needs: UpstreamNeeds,
  claim: AppAccountClaim,
  token: string,
): Promise<'told' | 'forgotten'> {
  const isIn = claim.person?.state === 'active'
  const forget = async (): Promise<'forgotten'> => {
    await needs.appAccountStore.forget(claim.record.personId, token)
    return 'forgotten'
  }
  const { accountId } = claim.record
  if (accountId === undefined) return isIn ? 'told' : forget()
  const account = { ...claim, record: { ...claim.record, accountId } }
  if (claim.person !== undefined && claim.person.email !== claim.record.email) {
    await (isOwn(account) ? suspend : leave)(needs, account, token)
    return forget()
  }
  for (const step of isIn ? stepsOfOneWhoIsIn : [suspend]) {
    if ((await step(needs, account, token)) === 'gone') return forget()
  }
  return claim.person === undefined ? forget() : 'told'
}

/** Whether the account is under an address that Portero made up for this person: nobody else can ever have it, and its API keys are theirs. */
function isOwn({ record, person }: Account): boolean {
  return record.email.split('@')[0] === person?.ownLocalPart
}

/** An account that the person is joined to no more: it may be somebody else's, so only what they had open ends. */
const leave: Step = async (needs, { record }) =>
  record.hasSessions ? needs.appAccounts.endSessions(record.accountId) : 'done'

/** Whoever may not come in: sessions end, and the role that lets nobody do anything also stops the account's API keys. */
const suspend: Step = async (needs, { record, endedSessionIds }, token) => {
  if (record.isSuspended && !record.hasSessions) return 'done'
  const { appAccounts, appAccountStore } = needs
  // Before it is changed, and once: a second look would find what we set.
  if (record.suspendedRole === undefined) {
    const there = await appAccounts.readAccount(record.accountId)
    if (there === undefined) return 'gone'
    await appAccountStore.noteTold(record.personId, { suspendedRole: there.role })
  }
  if ((await setRole(needs, record, 'pending')) === 'gone') return 'gone'
  if ((await appAccounts.endSessions(record.accountId)) === 'gone') return 'gone'
  await appAccountStore.noteTold(record.personId, { isSuspended: true })
  await appAccountStore.noteRevoked(record.personId, token, endedSessionIds)
  return 'done'
}

/** The role is given back only where it is still the one that we set, and not one that Portero has taken back meanwhile. */
const restore: Step = async (needs, account) => {
  const { record } = account
  if (record.suspendedRole === undefined) return 'done'
  const role = toldRole(needs, account) ?? record.suspendedRole
  const there = await needs.appAccounts.readAccount(record.accountId)
  if (there === undefined) return 'gone'
  if (there.role === 'pending' && role !== 'pending') {
    if ((await setRole(needs, record, role)) === 'gone') return 'gone'
  }
  await needs.appAccountStore.noteTold(record.personId, { suspendedRole: undefined, isSuspended: false })
  return 'done'
}

const revoke: Step = async (needs, { record, hasLiveSession, endedSessionIds }, token) => {
  const isEnough = needs.settings.revokeAt === 'every_session' && endedSessionIds.length > 0
  if (!record.hasSessions || (hasLiveSession && !isEnough)) return 'done'
  const outcome = await needs.appAccounts.endSessions(record.accountId)
  if (outcome === 'gone') return 'gone'
  if (outcome === 'protected') warnOfProtected(needs)
  await needs.appAccountStore.noteRevoked(record.personId, token, endedSessionIds)
  return 'done'
}

/** A name that was changed there stands until it changes here. */
const rename: Step = async (needs, { record, person }) => {
  const name = person?.name
  if (name === undefined || name === record.name) return 'done'
  const outcome = await needs.appAccounts.changeAccount(record.accountId, { name })
  if (outcome === 'gone') return 'gone'
  if (outcome === 'protected') warnOfProtected(needs)
  await needs.appAccountStore.noteTold(record.personId, { name })
  return 'done'
}

/** Roles and groups are told by a sign-in whose session nobody gets. */
const tellPlace: Step = async (needs, account) => {
  const { person } = account
  if (person === undefined) return 'gone'
  // It was given back by now, and is not a role that Portero tells.
  const record = { ...account.record, suspendedRole: undefined }
  const role = toldRole(needs, account) ?? record.role
  if (role === record.role && areSame(person.groups, record.groups)) return 'done'
  // The sign-in would make an account anew that was deleted there.
  if ((await needs.appAccounts.readAccount(record.accountId)) === undefined) return 'gone'
  const identity = await appIdentity(needs, { person, record, isNew: false })
  if (identity.role !== undefined || identity.groups !== undefined) {
    const { accountId } = await needs.appAccounts.signIn(identity)
    if (accountId !== record.accountId) return 'gone'
  }
  // Kept is what was true here, to see when that changes.
  await needs.appAccountStore.noteTold(record.personId, {
    role,
    groups: person.groups,
    hasToldGroups: record.hasToldGroups || identity.groups !== undefined,
  })
  return 'done'
}

function toldRole({ settings }: UpstreamNeeds, { record, person }: Account): string | undefined {
  return person && roleToTell({ person, record, isNew: false }, settings.adminPhones)
}

const stepsOfOneWhoIsIn: readonly Step[] = [restore, revoke, rename, tellPlace]

/** A sign-in sets the role of an account too that nobody else may change: even the application's first. */
async function setRole(
  { appAccounts }: UpstreamNeeds,
  { accountId, email, name }: Account['record'],
  role: string,
): Promise<AccountOutcome> {
  const outcome = await appAccounts.changeAccount(accountId, { role })
  if (outcome === 'protected') await appAccounts.signIn({ email, name, role, groups: undefined })
  return outcome
}

function warnOfProtected({ warnOf }: UpstreamNeeds): void {
  warnOf(
    'protected',
    {},
    'the application lets nobody change its first account: its sessions there do not end with those here, and its name stays. Let the account of Portero be the first',
  )
}

function areSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name, at) => name === right[at])
}
