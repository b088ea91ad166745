import type { SessionDirectory } from '../sessions/session-directory.ts'
import type { AppSession } from './app-accounts.ts'

/** For whom Portero itself uses the application: a person, or whoever it cannot tell who they are. */
export type OnBehalfOf = { readonly personId: string } | 'guest'

/** Tokens with which Portero uses the application on people's behalf. They are in the memory of this process alone. */
export type AppTokens = {
  /**
   * A token of that account, from a sign-in where there is none at hand; many who ask at once share one. With `refused`, a
   * token that the application did not take, another one. Rejects as the sign-in does: `not_signed_in` where the person may
   * not come in.
   */
  tokenOf(who: OnBehalfOf, refused?: string): Promise<string>
  /** Drops what nobody has used for ten minutes; to be called now and then. */
  sweep(): void
  close(): void
}

type Needs = {
  readonly signIn: (who: OnBehalfOf) => Promise<Pick<AppSession, 'token' | 'endsAt'>>
  readonly sessionDirectory: Pick<SessionDirectory, 'onRevoked' | 'isHearing'>
  /** Epoch ms. */
  readonly now: () => number
}

/** `token` is undefined while the sign-in is under way. */
type Held = { readonly signedIn: Promise<string>; token: string | undefined; endsAt: number; usedAt: number }

const heldMax = 1000
const idleMs = 10 * 60_000
/** So long before its end a token counts as ended: clocks differ, and an answer takes its time. */
const marginMs = 30_000

/**
 * Opens the tokens, with none at hand. That of a person is dropped as soon as it is heard here that they were blocked, changed or
 * deleted; while nothing can be heard, none is believed. A token that the application ended by itself shows when it is used.
 */
export function openAppTokens({ signIn, sessionDirectory, now }: Needs): AppTokens {
  const held = new Map<string, Held>()
  const stopListening = sessionDirectory.onRevoked((revocation) => {
    if ('personId' in revocation) held.delete(revocation.personId)
  })
  const isGood = ({ token, endsAt, usedAt }: Held, refused: string | undefined): boolean =>
    sessionDirectory.isHearing() &&
    (token === undefined || token !== refused) &&
    now() < endsAt &&
    now() - usedAt < idleMs

  const begin = (key: string, who: OnBehalfOf): Held => {
    if (held.size >= heldMax) held.delete(held.keys().next().value!)
    const mine: Held = {
      ...{ token: undefined, endsAt: Number.POSITIVE_INFINITY, usedAt: now() },
      signedIn: signIn(who).then(
        ({ token, endsAt }) => {
          mine.token = token
          if (endsAt !== undefined) mine.endsAt = endsAt - marginMs
          return token
        },
        (thrown: unknown) => {
          if (held.get(key) === mine) held.delete(key)
          throw thrown
        },
      ),
    }
    return mine
  }

  return {
    tokenOf(who, refused) {
      const key = who === 'guest' ? who : who.personId
      const known = held.get(key)
      const one = known !== undefined && isGood(known, refused) ? known : begin(key, who)
      one.usedAt = now()
      // The one that was used last goes last.
      held.delete(key)
      held.set(key, one)
      return one.signedIn
    },
    sweep() {
      for (const [key, one] of held) if (now() - one.usedAt >= idleMs) held.delete(key)
    },
    close() {
      stopListening()
      held.clear()
    },
  }
}
