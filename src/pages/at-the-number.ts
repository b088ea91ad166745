import type { RefusalCode } from '../domain/errors.ts'

/** Refusals that a person can mend at the number field, where they are shown with what was typed. */
export const atTheNumber: ReadonlySet<RefusalCode> = new Set([
  'invalid_phone',
  'ambiguous_number',
  'country_not_allowed',
  'phone_not_reachable',
  'channel_not_available',
  'delivery_unavailable',
])
