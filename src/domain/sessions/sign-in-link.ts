import { createHmac, type KeyObject } from 'node:crypto'
import { randomSecret, secretHash } from '../../lib/random-secret.ts'
import type { ReplySecret } from '../conversation/reply-secret.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { SignInLinkStore } from './sign-in-link-store.ts'

/** How long a link opens the door, once. */
const linkSeconds = 600

/** Links of one phone that live, each in a chat of its own. */
const liveMax = 3

const tokenBytes = 24

type Needs = {
  signInLinkStore: Pick<SignInLinkStore, 'give'>
  keyring: Keyring
  now: () => number
  config: { people: { idle_link_days: number } }
}

/**
 * The token of a link: 192 bits, derived from its id and the phone. The database keeps its hash alone, and the outbox the id, so that
 * neither opens anything without the key.
 */
export function linkToken(key: KeyObject, { id, phone }: { id: string; phone: PhoneNumber }): string {
  const bytes = createHmac('sha256', key).update(`link\0sign_in\0${phone}\0${id}`).digest()
  return bytes.subarray(0, tokenBytes).toString('base64url')
}

/**
 * Makes a one-time link for a person who has just written from their own phone, in the place of the one that this chat had.
 * Answers what the reply is to say; undefined when the phone opens the web as nobody of that kind.
 */
export async function giveSignInLink(
  { signInLinkStore, keyring, now, config }: Needs,
  asked: { phone: PhoneNumber; personId: string; chatKey: string; askedAt: Date },
): Promise<ReplySecret | undefined> {
  const { phone } = asked
  const { id: keyId, code: key } = keyring.current
  const id = randomSecret()
  const isGiven = await signInLinkStore.give({
    ...asked,
    tokenHash: secretHash(linkToken(key, { id, phone })),
    ttlSeconds: linkSeconds,
    liveMax,
    idleLinkDays: config.people.idle_link_days,
  })
  return isGiven ? { kind: 'link', id, keyId, phone, expiresAt: now() + linkSeconds * 1000 } : undefined
}
