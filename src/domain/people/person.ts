/** How we know that a phone is this person's: they typed a document, or somebody who may say so did. */
export type Belongs = 'declared' | 'attested'

/** How sure we are who it is; computed for each request, never stored. */
export type Level = 'declared' | 'verified' | 'confirmed'

/** Who becomes a person by proving a number: anybody, those on record, or those whom the operator approves. */
export const admissions = ['open', 'known', 'approval'] as const
export type Admission = (typeof admissions)[number]

export const personStates = ['active', 'waiting', 'blocked', 'rejected'] as const
export type PersonState = (typeof personStates)[number]

/** Somebody known, as the doors may show them. */
export type Person = {
  /** UUID; `sub` of every token. */
  readonly id: string
  readonly name: string | undefined
  readonly role: string | undefined
  readonly groups: readonly string[]
  /** For apps that want an address: a pseudonym, or the one that the person is joined to. Never the number, never empty. */
  readonly email: string
  readonly state: PersonState
}
