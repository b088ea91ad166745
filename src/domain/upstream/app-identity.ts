import type { Locale } from '../locale.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { AppAccountOnRecord, AppAccountPerson } from './app-account-store.ts'
import type { AppIdentity } from './app-accounts.ts'
import type { UpstreamNeeds } from './upstream-needs.ts'

type Needs = Pick<UpstreamNeeds, 'appAccounts' | 'settings' | 'warnOf'>

type Of = {
  readonly person: AppAccountPerson
  readonly record: AppAccountOnRecord
  /** Whether the sign-in makes the account, or may have made it before without being answered. */
  readonly isNew: boolean
}

/** Of whoever has no other. */
const ordinaryRole = 'user'

const somebody: Record<Locale, string> = { es: 'Persona', 'pt-BR': 'Pessoa', en: 'Person' }

/** The name that others in the application see; somebody without one is told from others by the end of their id. Never empty. */
export function appName(person: { id: string; name: string | undefined }, locale: Locale): string {
  return person.name ?? `${somebody[locale]} ${person.id.slice(-4)}`
}

/** What the application is told of a person at a sign-in under the address on record. Refuses as `AppAccounts` does. */
export async function appIdentity(needs: Needs, of: Of): Promise<AppIdentity> {
  return {
    email: of.record.email,
    name: appName(of.person, needs.settings.locale),
    // Left as it stands where Portero has nothing to say, so that somebody who was promoted there stays so.
    role: roleToTell(of, needs.settings.adminPhones) ?? of.record.suspendedRole,
    groups: await groupsOf(needs, of),
  }
}

/** The role that Portero has to say; undefined when that is up to the application. */
export function roleToTell(
  { person, record, isNew }: Of,
  adminPhones: readonly PhoneNumber[],
): string | undefined {
  if (person.role !== undefined) return person.role
  if (person.phones.some((phone) => adminPhones.includes(phone))) return 'admin'
  // A role that Portero told and holds no more does not stay; above the ordinary one it told, the application may promote.
  const isTakenBack = record.role !== undefined && record.role !== ordinaryRole
  return isNew || isTakenBack ? ordinaryRole : undefined
}

/** Never a list that the application would read as none, unless the person has none. */
async function groupsOf(needs: Needs, { person, record }: Of): Promise<readonly string[] | undefined> {
  const { groups } = person
  if (groups.length === 0) return record.hasToldGroups ? [] : undefined
  const sendable = groups.filter((name) => !name.includes(','))
  const existing =
    sendable.length === 0 ? [] : await needs.appAccounts.existingGroups(sendable, needs.settings.createGroups)
  const leftOut = groups.filter((name) => !existing.includes(name))
  if (leftOut.length > 0) {
    needs.warnOf(
      `groups ${leftOut.join()}`,
      { groups: leftOut },
      'the application does not have these groups, so it is not told of them: create them there, or set upstream.create_groups; a name with a comma it can never be told',
    )
  }
  const told = sendable.filter((name) => existing.includes(name))
  return told.length === 0 ? undefined : told
}
