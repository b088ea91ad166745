import type { Locale } from '../locale.ts'
import type { Channel } from '../messaging/channel.ts'
import type { SendBudgets } from '../otp/challenge-store.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { DeclareOutcome, NamedPerson } from './recognition-store.ts'

type Linked = Extract<DeclareOutcome, { outcome: 'linked' }>

/** Somebody asks to be linked, who has to show more than a document. */
export type LinkAsked = {
  readonly phone: PhoneNumber
  readonly isProof: boolean
  readonly mode: 'code' | 'proof' | 'approval'
  /** Whom they say to be: by a document in its canonical form, of which so many may be tried; or somebody declared already. */
  readonly about:
    | { readonly document: string; readonly documentsADay: number }
    | { readonly personId: string }
  /** The code that goes out if there is a number to send it to; derived for the phone that asks. */
  readonly code: {
    readonly id: string
    readonly salt: Buffer
    readonly keyId: string
    readonly proof: Buffer
    readonly ttlSeconds: number
    readonly triesMax: number
  }
  /** How it would go out; undefined where nothing can be sent. */
  readonly way: { readonly channel: Channel; readonly provider: string } | undefined
  readonly locale: Locale
  /** Country of the phone that asks, to which what goes out is charged. */
  readonly region: string
  /** What strangers may let go out to one phone, the web door included, and what they may from chats alone in 24 hours. */
  readonly phoneSends: SendBudgets['phoneSends']
  readonly chatSendsPerDay: number
  /** What all chats together may let go out in an hour. */
  readonly chatSendsPerHour: number
  /** Above 0: nothing goes out, the whole service sends too much. */
  readonly strangersWaitSeconds: number
  readonly callSeconds: number
}

export type LinkAnswered =
  | Linked
  | {
      readonly outcome: 'asked' | 'no_number'
      readonly personId: string | undefined
      readonly isAlarming: boolean
      /** A delivery that the caller has claimed, and to where. */
      readonly delivery: { readonly id: string; readonly to: PhoneNumber } | undefined
    }
  | { readonly outcome: 'too_many_documents'; readonly isAlarming: boolean }

/** A request that waits for the operator. */
export type LinkRequest = {
  readonly id: string
  readonly phone: PhoneNumber
  /** Whether the channel proved that this phone asked. */
  readonly isProof: boolean
  readonly person: Pick<NamedPerson, 'id' | 'name'>
  readonly at: Date
}

/** `gone`: it does not wait any more. `nobody`: no person has the document. `unknown`: the person may not come in. `shared`: attested, but the phone is nobody's own. */
export type LinkDecision = 'approved' | 'rejected' | 'shared' | 'gone' | 'nobody' | 'unknown'

/**
 * Links that take more than a document. Each call is one statement and one round trip, and does the same work whether or not
 * somebody has the document. Of many at once about one phone each sees what the one before it did.
 */
export interface LinkStore {
  /**
   * Counts the document, finds the person, and starts what is to be shown. `linked`, attested, when the phone that asks is the number
   * on record, proved, used within `people.idle_link_days`. For `code` there is one code at a time for each phone that asks: the same
   * document again while it lives asks for no more, another one replaces it. For `approval` one request of each phone waits.
   */
  ask(asked: LinkAsked): Promise<LinkAnswered>
  /** Compares a code and spends it. Of a hundred at once that are right exactly one links; of wrong ones as many are compared as it has tries. */
  answer(
    phone: PhoneNumber,
    proofs: readonly { readonly keyId: string; readonly proof: Buffer }[],
    isProof: boolean,
  ): Promise<Linked | { readonly outcome: 'wrong_code' | 'no_code' }>
  /** What waits for the operator, the oldest first, and how many more there are about documents that nobody has. */
  listRequests(): Promise<{ readonly requests: readonly LinkRequest[]; readonly unmatched: number }>
  /** Takes the operator's word; once for each request, which waits for 7 days. Approved, the link is attested and remembered. */
  decideRequest(
    id: string,
    isApproved: boolean,
  ): Promise<{ readonly decision: LinkDecision; readonly phone: PhoneNumber | undefined }>
}
