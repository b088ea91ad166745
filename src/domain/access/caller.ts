import { secretHash } from '../../lib/random-secret.ts'

/**
 * Who asks, as the doors found out and the domain believes. `address` is the canonical client address, never a header
 * that just anybody can write.
 */
export type Caller = {
  /** Canonical IPv4 or IPv6 text. */
  readonly address: string
  /** What address budgets count by: the IPv4 address, or the IPv6 /64. */
  readonly addressKey: string
  /** The IPv6 /48 above it, which has a budget of its own. */
  readonly networkKey: string | undefined
  /** How much wider the address budgets are for this network (offices, the demo); 1 for everybody else. */
  readonly budgetFactor: number
  readonly port: number | undefined
  readonly userAgent: string | undefined
  /** Which door it came through. */
  readonly door: 'api' | 'pages' | 'gateway' | 'cli'
  /** Short random text that a refusal shows and the access log keeps. */
  readonly reference: string
  /** The API key that it came with, already checked. */
  readonly apiKeyId: string | undefined
  /** Value of the device cookie, unchecked. */
  readonly deviceToken: string | undefined
}

/** By which the device of a caller is known; undefined for one that says it has no cookie. */
export function deviceHashOf({ deviceToken }: Caller): Buffer | undefined {
  return deviceToken === undefined ? undefined : secretHash(deviceToken)
}
