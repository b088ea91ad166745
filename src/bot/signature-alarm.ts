import { Refusal } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'

const quietMs = 60_000

/**
 * Refuses webhooks with `invalid_signature`, and says so in the log once a minute at most: a wrong secret has to be noticed, and
 * whoever knocks must not be able to fill the log.
 */
export function openSignatureAlarm(
  needs: { readonly log: Log; readonly now: () => number },
  { channel, key }: { readonly channel: string; readonly key: string },
): () => never {
  let refused = 0
  let quietUntil = 0
  return () => {
    refused++
    const now = needs.now()
    if (now >= quietUntil) {
      needs.log.warn(
        { channel, refused },
        `a webhook was refused for its signature: forged, or ${key} is not the one that signs`,
      )
      refused = 0
      quietUntil = now + quietMs
    }
    throw new Refusal('invalid_signature')
  }
}
