import type { Locale } from '../locale.ts'
import type { Digits, Purpose } from '../otp/code-key.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { Channel } from './channel.ts'
import type { DeliveryResult } from './delivery-provider.ts'

/** For how long one process has a claimed delivery to itself: longer than any provider may take. */
export const callSeconds = 15

/** A delivery left in `calling` by a process that died, claimed by this one. */
export type OrphanedDelivery = {
  readonly id: string
  readonly purpose: Purpose
  readonly challengeId: string
  readonly phone: PhoneNumber
  /** The phone that the code is derived for: whose it is that waits for it. */
  readonly codePhone: PhoneNumber
  readonly channel: Channel
  readonly locale: Locale
  readonly salt: Buffer
  readonly keyId: string
  readonly digits: Digits
  readonly ttlSeconds: number
}

/** What is known of each message on its way out. */
export interface DeliveryStore {
  /** Records how a claimed delivery ended: `accepted`, `unknown` after `timeout_unknown`, else `failed` with the reason. */
  settleDelivery(id: string, result: DeliveryResult): Promise<void>
  /**
   * Claims what dead processes left in `calling`, for `callSeconds`. Each row goes to one caller, once in its life: a row
   * found so a second time, or whose challenge is over, becomes `unknown`.
   */
  claimOrphanedDeliveries(callSeconds: number): Promise<readonly OrphanedDelivery[]>
}
