import type { Belongs } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'

/** Somebody in the people table. */
export type NamedPerson = {
  readonly id: string
  /** As it stands in the people table, both names joined; undefined for the nameless. */
  readonly name: string | undefined
  /** What a greeting uses: the first name alone. */
  readonly firstName: string | undefined
}

/** Somebody whom a phone may speak for. */
export type RememberedPerson = NamedPerson & {
  readonly belongs: Belongs
  readonly provedAt: Date | undefined
}

/** What is known of a phone when a message of it comes. */
export type Recognition = {
  /** The person remembered on this phone now; undefined when nobody is, or their time has run out. */
  readonly person: RememberedPerson | undefined
  /** Why nobody is remembered, where there was somebody. */
  readonly lost: 'expired' | 'gone' | undefined
  /** Whether the person, or the phone, may not come in. */
  readonly isBlocked: boolean
  /**
   * Others of this phone who may be chosen: who was remembered before the one who is now, or was put on record for it by the operator,
   * not forgotten since and not expired. Whose memory ran out or was deleted is not among them.
   */
  readonly others: readonly RememberedPerson[]
  /** Whether this phone is nobody's own, such as one on a desk: it is never remembered. */
  readonly isShared: boolean
}

/** What became of a document that somebody typed; `unknown` also when it stands beside two people, since none is guessed at. */
export type DeclareOutcome =
  | {
      readonly outcome: 'linked'
      readonly person: RememberedPerson
      /** Other phones that speak for this person, so that they can be told. */
      readonly otherPhones: readonly PhoneNumber[]
      /** False on a shared phone: the person is this one for now, and the next message asks again. */
      readonly isRemembered: boolean
    }
  | {
      readonly outcome: 'unknown' | 'blocked' | 'too_many_documents' | 'too_many_people'
      /** Whether twenty wrong documents came from all phones together in the hour up to this one. */
      readonly isAlarming: boolean
    }

/** What became of a link that an operator's program asked for; `shared`: the phone is nobody's own, so nobody is remembered on it. */
export type LinkOutcome = 'linked' | 'shared' | 'unknown'

/** What became of "that was not me". */
export type DisownOutcome =
  | { readonly outcome: 'unlinked'; readonly phones: readonly PhoneNumber[] }
  | { readonly outcome: 'not_attested' }

/** Whether a recognition is noted as a use of the memory, which moves its end on: by each message, by a program's reads, or not at all. */
export type NoteUse = 'always' | 'hourly' | 'never'

/** Limits of what one phone may try. */
export type DeclareLimits = {
  /** Different documents in 24 hours, right or wrong. */
  readonly documentsADay: number
  /** People linked to one phone. */
  readonly peopleMax: number
}

/** How something came about, for the access log. */
export type LinkOrigin = 'chat' | 'api'

/**
 * The bot's memory: which person a phone speaks for. Each call is one statement and one round trip; of many at once about one
 * phone, each sees what the one before it did. Rows that other programs wrote with the phone in another spelling count.
 */
export interface RecognitionStore {
  /**
   * Who writes from this phone. Notes the use, and writes it to the access log, unless `note` is `never`. With `isProof` (unless
   * told otherwise) nobody is remembered who was only declared over a channel that proves nothing; without it, a message of a chat
   * is a use of nothing else. Who is attested, and idle for longer than
   * `people.idle_link_days`, is asked again, however many days they have.
   */
  recognise(
    phone: PhoneNumber,
    options?: { readonly note?: NoteUse; readonly origin?: LinkOrigin; readonly isProof?: boolean },
  ): Promise<Recognition>
  /**
   * Takes a typed document (in its canonical form) as a declaration: the person of it is remembered on this phone from now
   * on. Counted whether it is right or wrong; the same one again is one. Where the pair was attested before, it stays so, and
   * `isProof` proves it; a declared one never becomes attested by this, and one that was idle for longer than
   * `people.idle_link_days` counts as declared. Without `isProof` it turns no memory that came about in any better way: then the
   * person is not remembered. Documents without a proof are counted apart.
   */
  declare(
    phone: PhoneNumber,
    document: string,
    limits: DeclareLimits,
    how: { readonly origin: LinkOrigin; readonly isProof: boolean },
  ): Promise<DeclareOutcome>
  /**
   * Moves the memory of this phone to another person already linked to it; false when there is no such link, or when without
   * `isProof` it would turn a memory that came about in a better way.
   */
  chooseOther(phone: PhoneNumber, personId: string, isProof?: boolean): Promise<boolean>
  /**
   * Forgets one person on this phone, or everybody, and ends their web sessions of this phone. Answers how many were forgotten;
   * none is no fault. An attested pair stays on record for the web door, and so does that of somebody who is blocked. Whoever was
   * declared without a proof is forgotten too, and `unproved` means them alone. Without `isProof` it is they alone who can be
   * forgotten, and no session ends.
   */
  forget(
    phone: PhoneNumber,
    who: { readonly personId: string } | 'everybody' | 'unproved',
    origin?: LinkOrigin,
    isProof?: boolean,
  ): Promise<number>
  /** Links as an operator's program says, declared or attested, and remembers it. A declared one takes nothing from an attested one. `unknown`: no such person who may come in. */
  link(phone: PhoneNumber, personId: string, belongs: Belongs, origin: LinkOrigin): Promise<LinkOutcome>
  /**
   * The person says, from this phone, that it was not them who declared to be them elsewhere. Where the phone is attested as theirs,
   * all phones that only declared it lose them, as do those that a code attested which was sent to this phone, and none may
   * declare it anew for 7 days; answers which phones. From any other
   * phone it does nothing, since whoever came first may be the stranger: that is for the operator to decide.
   */
  disown(phone: PhoneNumber, personId: string): Promise<DisownOutcome>
  /** Notes that the person was seen on this phone; false when nobody is remembered. */
  touch(phone: PhoneNumber): Promise<boolean>
  /** A person of the people table who may come in. */
  readPerson(personId: string): Promise<NamedPerson | undefined>
  /** For how many days this person is remembered on their phones; undefined for the usual ones. */
  setDays(personId: string, days: number | undefined): Promise<void>
  /** For how many days everybody else is, 30 if never set, and after how many idle ones no attested link is believed, 180. */
  setUsual(days: { readonly rememberDays: number; readonly idleLinkDays: number }): Promise<void>
  /** Marks a phone as nobody's own, or as somebody's again. Whoever was remembered on it is not any more; links stay. */
  setShared(phone: PhoneNumber, isShared: boolean): Promise<void>
  /** Removes memories whose time has run out, and answers how many. */
  sweepMemories(): Promise<number>
}
