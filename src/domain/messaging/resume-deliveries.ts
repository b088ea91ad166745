import { deriveCode } from '../otp/code-key.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { Deliver } from './deliver.ts'
import type { DeliveryStore } from './delivery-store.ts'

type Needs = { deliveryStore: DeliveryStore; deliver: Deliver; keyring: Keyring }

/** Sends once more what a process that died was about to send: the same code, so at most one extra message for each death. */
export async function resumeDeliveries(needs: Needs, callSeconds: number): Promise<number> {
  const orphans = await needs.deliveryStore.claimOrphanedDeliveries(callSeconds)
  for (const orphan of orphans) {
    const keys = needs.keyring.find(orphan.keyId)
    if (keys === undefined) continue
    needs.deliver.start({
      ref: orphan.id,
      to: orphan.phone,
      channel: orphan.channel,
      locale: orphan.locale,
      ttlSeconds: orphan.ttlSeconds,
      purpose: orphan.purpose,
      code: deriveCode(keys.code, { ...orphan, phone: orphan.codePhone }),
    })
  }
  return orphans.length
}
