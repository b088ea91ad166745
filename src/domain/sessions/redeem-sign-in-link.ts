import { secretHash } from '../../lib/random-secret.ts'
import { type Caller, deviceHashOf } from '../access/caller.ts'
import { Refusal } from '../errors.ts'
import type { LimitsConfig } from '../otp/limits-config.ts'
import {
  type SignedIn,
  type StartSessionNeeds,
  startSession,
  type WantedSession,
} from '../otp/start-session.ts'
import type { SessionsConfig } from './sessions-config.ts'
import type { LinkView, SignInLinkStore } from './sign-in-link-store.ts'

type Needs = StartSessionNeeds & {
  signInLinkStore: SignInLinkStore
  config: {
    limits: LimitsConfig
    sessions: SessionsConfig
    people: { idle_link_days: number }
  }
}

/** A message from the person's own phone asked for the link, and their chat brought it. */
const amr = ['otp', 'whatsapp'] as const

const tokenShape = /^[\w-]{32}$/

/** Whose account a link opens for this browser; spends nothing. Undefined for one that opens nothing, whatever the reason. */
export async function readSignInLink(
  {
    signInLinkStore,
    config,
  }: Pick<Needs, 'signInLinkStore'> & {
    config: { people: { idle_link_days: number } }
  },
  token: string,
  caller: Caller,
): Promise<LinkView | undefined> {
  if (!tokenShape.test(token)) return undefined
  return await signInLinkStore.read(secretHash(token), {
    idleLinkDays: config.people.idle_link_days,
    deviceHash: deviceHashOf(caller),
  })
}

/**
 * Signs in whoever brings a link that is alive, once: it is spent and the session committed in the same step. The session counts
 * its proof from the message that asked for the link. Refuses with `invalid_token`, one answer for expired, used, unknown,
 * taken back, and for a person who may not come in by it any more.
 */
export async function redeemSignInLink(
  needs: Needs,
  token: string,
  wanted: WantedSession,
): Promise<SignedIn> {
  if (!tokenShape.test(token)) throw new Refusal('invalid_token')
  const { limits, people } = needs.config
  return await startSession(needs, wanted, async (session) => {
    const used = await needs.signInLinkStore.redeem({
      tokenHash: secretHash(token),
      caller: wanted.caller,
      deviceHash: deviceHashOf(wanted.caller),
      deviceGuessesPerDay: limits.device_guesses_per_day,
      idleLinkDays: people.idle_link_days,
      amr,
      session,
    })
    if (used.outcome !== 'signed_in') throw new Refusal('invalid_token')
    return { ...used, isNewcomer: false }
  })
}
