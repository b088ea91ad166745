import type { Caller } from '../access/caller.ts'
import type { NewSession } from '../otp/challenge-store.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { Session } from './session.ts'

/** A link as it is kept: of its token no more than the hash. */
export type SignInLink = {
  readonly tokenHash: Buffer
  readonly phone: PhoneNumber
  readonly personId: string
  /** The chat that it is sent to. */
  readonly chatKey: string
  /** When the message that asked for it was written. */
  readonly askedAt: Date
  readonly ttlSeconds: number
  /** How many links of one phone may live, each in a chat of its own. */
  readonly liveMax: number
  readonly idleLinkDays: number
}

/** Whose account a link opens. */
export type LinkView = {
  readonly personId: string
  readonly name: string | undefined
  readonly phone: PhoneNumber
}

export type LinkUse = {
  readonly tokenHash: Buffer
  readonly caller: Caller
  readonly deviceHash: Buffer | undefined
  readonly deviceGuessesPerDay: number
  readonly idleLinkDays: number
  readonly amr: readonly string[]
  readonly session: NewSession
}

export type LinkUsed =
  | {
      readonly outcome: 'signed_in'
      readonly session: Session
      /** Whether the hash of the new device secret was kept, so that its secret belongs in the device cookie. */
      readonly isNewDevice: boolean
      readonly others: readonly { readonly id: string; readonly name: string | undefined }[]
    }
  /** Unknown, expired, used or taken back; or it was good and its person may not come in by it any more. */
  | { readonly outcome: 'dead' | 'refused' }

/** One-time links into the web. Each call is one atomic step; what happens to one phone happens one after the other. */
export interface SignInLinkStore {
  /**
   * Keeps a link, in the place of the one that this chat had. False, with nothing kept, when the phone opens nobody as this
   * person (see `redeem`), or has enough of them in its other chats.
   */
  give(link: SignInLink): Promise<boolean>
  /** Whose it is, if it would open something; spends nothing. `deviceHash` as in `redeem`. */
  read(
    tokenHash: Buffer,
    of: { readonly idleLinkDays: number; readonly deviceHash: Buffer | undefined },
  ): Promise<LinkView | undefined>
  /**
   * Spends the link, and opens the session of its person if the phone still opens the web as them: attested, active, not idle, and
   * not forgotten in the chat meanwhile. Of any number at once, exactly one finds it alive; its session is committed when
   * this resolves. A link that is refused is spent all the same.
   */
  redeem(use: LinkUse): Promise<LinkUsed>
}
