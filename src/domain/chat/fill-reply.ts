import { type ReplySecret, secretMark } from '../conversation/reply-secret.ts'
import type { Reply } from '../conversation/turn.ts'
import { deriveCode } from '../otp/code-key.ts'
import { linkToken } from '../sessions/sign-in-link.ts'
import type { Keyring } from '../tokens/keyring.ts'

type Needs = {
  readonly keyring: Keyring
  /** The address of a one-time link with this token; undefined where nobody knows what people open. */
  readonly linkUrl: (token: string) => string | undefined
  /** Epoch ms. */
  readonly now: () => number
}

/**
 * The reply as it leaves: with the code or the link in its place, which until now were nowhere. Undefined for one whose secret is
 * good for nothing any more, or cannot be derived.
 */
export function fillReply(needs: Needs, reply: Reply): Reply | undefined {
  const { secret, ...rest } = reply
  if (secret === undefined) return reply
  const text = secret.expiresAt <= needs.now() ? undefined : derive(needs, secret)
  return text === undefined ? undefined : { ...rest, text: reply.text.replaceAll(secretMark, text) }
}

function derive({ keyring, linkUrl }: Needs, secret: ReplySecret): string | undefined {
  const key = keyring.find(secret.keyId)?.code
  if (key === undefined) return undefined
  if (secret.kind === 'link') return linkUrl(linkToken(key, secret))
  const { phone, challengeId, digits } = secret
  const salt = Buffer.from(secret.salt, 'base64url')
  return deriveCode(key, { purpose: 'sign_in', phone, challengeId, salt, digits })
}
