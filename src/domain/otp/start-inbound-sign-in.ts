import { randomSecret, secretHash } from '../../lib/random-secret.ts'
import type { Caller } from '../access/caller.ts'
import { Refusal } from '../errors.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import { requireReachable } from '../phones/reachable-phone.ts'
import type { InboundSignInStore } from './inbound-sign-in-store.ts'
import type { LimitsConfig } from './limits-config.ts'
import type { OtpConfig } from './otp-config.ts'
import { signInToken, tokenHash } from './sign-in-token.ts'

type Needs = {
  inboundSignInStore: Pick<InboundSignInStore, 'start'>
  config: { otp: OtpConfig; limits: LimitsConfig; phone: { allowed_regions: readonly string[] } }
}

/**
 * Begins a sign-in that waits for a message: what the browser has to keep. It costs nothing, and sends nothing to anybody. Refuses
 * a phone that was typed as `requestCode` does, and with `too_many_codes`.
 */
export async function startInboundSignIn(
  { inboundSignInStore, config }: Needs,
  { phone, caller }: { phone: PhoneNumber | undefined; caller: Caller },
): Promise<{ readonly challengeId: string; readonly secret: string }> {
  if (phone !== undefined)
    requireReachable(phone, { allowedRegions: config.phone.allowed_regions, channel: 'whatsapp' })
  const held = { challengeId: randomSecret(), secret: randomSecret() }
  const { limits, otp } = config
  const wide = (max: number): number => Math.ceil(max * caller.budgetFactor)
  const waitSeconds = await inboundSignInStore.start({
    ...{ challengeId: held.challengeId, phone, caller },
    holdHash: secretHash(held.secret),
    tokenHash: tokenHash(signInToken(held.secret)),
    ttlSeconds: otp.ttl_seconds,
    startsPerAddressPerHour: wide(limits.address_starts_per_hour),
    startsPerNetworkPerHour: wide(limits.network_sends_per_hour),
  })
  if (waitSeconds > 0) throw new Refusal('too_many_codes', { retryAfterSeconds: waitSeconds })
  return held
}
