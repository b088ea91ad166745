import type { PersonState } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'

/** What the application was last told of a person's account. */
export type AppAccountOnRecord = {
  readonly personId: string
  /** Undefined until a first sign-in under this address was answered. */
  readonly accountId: string | undefined
  readonly email: string
  readonly name: string
  /** The role that Portero told last, or was about to tell with a first sign-in; undefined when it never told one. */
  readonly role: string | undefined
  /** The groups that the person had here then, whether the application knows them or not. */
  readonly groups: readonly string[]
  /** Whether groups were ever told; if not, those that the account has are the application's own. */
  readonly hasToldGroups: boolean
  /** Whether sessions of the account may be alive there. */
  readonly hasSessions: boolean
  /** The role that the account had before it was suspended: kept from just before that until it has its role again. */
  readonly suspendedRole: string | undefined
  readonly isSuspended: boolean
}

/** What is true here now of the person of an account. */
export type AppAccountPerson = {
  readonly id: string
  readonly name: string | undefined
  /** One that the application is told; undefined where Portero holds none, or one that means nothing there. */
  readonly role: string | undefined
  readonly groups: readonly string[]
  readonly email: string
  /** Local part of the address that Portero made up for the person: under no domain does anybody else have it. Empty when there is none. */
  readonly ownLocalPart: string
  readonly state: PersonState
  /** Whether somebody gave the person an address that an account there may have had before. */
  readonly isJoined: boolean
  /** The phones that are surely theirs. */
  readonly phones: readonly PhoneNumber[]
}

/** An account that one caller has to itself for a while. */
export type AppAccountClaim = {
  readonly record: AppAccountOnRecord
  /** Undefined when there is no such person any more. */
  readonly person: AppAccountPerson | undefined
  /** Whether a living session of the person was let into the application. */
  readonly hasLiveSession: boolean
  /** Sessions that were let in, are over, and whose end the application was not told. */
  readonly endedSessionIds: readonly string[]
}

/** A claim is held in the name of `token` (a UUID) until it is released or `seconds` are over. */
export type Lease = { readonly token: string; readonly seconds: number }

/** What may be recorded of an account as told. */
export type AppAccountChanges = Partial<Omit<AppAccountOnRecord, 'personId' | 'hasSessions'>>

/** That something of a person changed; `id` tells repeated news from others. */
export type AppAccountNews = { readonly id: string; readonly personId: string; readonly isUrgent: boolean }

/**
 * What the application behind was told of people's accounts, beside what is true here. A record outlives its person until
 * it is forgotten.
 */
export interface AppAccountStore {
  /**
   * What is true here of a person, whether the application was ever told of them or not; undefined when there is no such person.
   * Whoever has no address of Portero's own yet gets one, which stays: many at once get the same.
   */
  readPerson(personId: string): Promise<AppAccountPerson | undefined>
  /**
   * Claims the account of a person: of many callers at once one gets it, and the others `held`. A claim that is not
   * released is due again when its lease is over.
   */
  claimAccount(personId: string, lease: Lease): Promise<AppAccountClaim | 'held' | 'absent'>
  /** The same, and makes a record where there is none. With `isForced`, takes it from whoever holds it. */
  claimForEntry(
    personId: string,
    first: { readonly email: string; readonly name: string },
    lease: Lease,
    isForced: boolean,
  ): Promise<AppAccountClaim | 'held'>
  /**
   * Notes that this session is about to be let into the application, so that its end cannot be missed. False when the
   * session is over: then nothing is noted.
   */
  noteEntry(personId: string, sessionId: string): Promise<boolean>
  /** Records what the application was told; only what is given. */
  noteTold(personId: string, changes: AppAccountChanges): Promise<void>
  /** Records that all sessions there were ended, and those of these ids told; nothing once the claim is somebody else's. */
  noteRevoked(personId: string, token: string, sessionIds: readonly string[]): Promise<void>
  /** Makes a claim last `seconds` from now on; nothing once it is somebody else's. */
  renew(personId: string, lease: Lease): Promise<void>
  /**
   * Gives a claim back, with nothing left to do or to be tried `again`: after 2 seconds, and twice as long each time up to
   * 5 minutes. Nothing once the claim is somebody else's.
   */
  release(personId: string, token: string, outcome: 'settled' | 'again'): Promise<void>
  /** Removes the record, and with it what is known of sessions there; nothing once the claim is somebody else's. */
  forget(personId: string, token: string): Promise<void>
  /**
   * Who of those on record changed, or had a session end, in transactions that the reader had not seen when it got `since`;
   * some news may come twice, nothing is left out. The first reading (undefined) tells where to go on from and nothing else.
   * Urgent is what a person's own data say: there somebody may have been blocked.
   */
  readNews(since: string | undefined): Promise<{ news: readonly AppAccountNews[]; next: string }>
  /** Whose turn to be tried again has come, the longest waiting first. */
  listDue(count: number): Promise<readonly string[]>
  /**
   * Looks through `count` records after that of the person `after`, and answers whose differ from what is true here and
   * where to go on; `next` is undefined at the end. With `isEverySession`, a session that ended differs while others live;
   * people with one of `adminPhones` have to be administrators.
   */
  listDiffering(
    by: { readonly isEverySession: boolean; readonly adminPhones: readonly PhoneNumber[] },
    after: string | undefined,
    count: number,
  ): Promise<{ personIds: readonly string[]; next: string | undefined }>
}
