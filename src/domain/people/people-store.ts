import type { PhoneNumber } from '../phones/phone-number.ts'
import type { Person, PersonState } from './person.ts'

/** A person with the phones that are theirs, for whoever administers. */
export type PersonOnRecord = Person & {
  readonly phones: readonly {
    readonly phone: PhoneNumber
    readonly belongs: 'declared' | 'attested'
    readonly provedAt: Date | undefined
  }[]
  readonly createdAt: Date | undefined
  /** The address that they are joined to in the application behind, in the place of their pseudonym. */
  readonly appEmail: string | undefined
}

/** What became of joining somebody to an address: `taken` when it is somebody else's. */
export type JoinOutcome =
  | { readonly outcome: 'joined'; readonly endedSessions: number }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'taken' }

export type PersonChanges = {
  readonly name?: string
  readonly role?: string | undefined
  readonly groups?: readonly string[]
}

/** Where people live. Whatever changes who may come in, or as what, is written to the feed of revocations in the same step. */
export interface PeopleStore {
  listPeople(filter: { state?: PersonState }): Promise<readonly PersonOnRecord[]>
  findByPhone(phone: PhoneNumber): Promise<readonly PersonOnRecord[]>
  /** Makes a person with this attested phone, unless somebody attested has it already; one of many callers at once makes it. */
  addPerson(phone: PhoneNumber, changes: PersonChanges): Promise<{ id: string; isNew: boolean }>
  /**
   * Makes one more person with an attested phone that others may have too, unless one of that name has it; one of many
   * callers at once makes it. Whoever a code on the phone opened before comes first as before: links that nobody used for
   * `idleLinkDays` opened nobody.
   */
  addPersonBeside(
    phone: PhoneNumber,
    changes: PersonChanges & { readonly name: string },
    idleLinkDays: number,
  ): Promise<{ id: string; isNew: boolean }>
  changePerson(id: string, changes: PersonChanges): Promise<void>
  /**
   * Gives a person the account that has this address (one plain address in small letters) in the application behind, or
   * their pseudonym again (undefined); when that changes something their sessions end in the same step. Of many people who
   * are joined to one address at once, one gets it.
   */
  joinAddress(id: string, address: string | undefined): Promise<JoinOutcome>
  /** Sets the state; everything but `active` ends the person's sessions in the same step. */
  setState(id: string, state: PersonState): Promise<void>
}
