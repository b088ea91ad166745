import type { DeliveryFailure } from '../../../domain/messaging/delivery-provider.ts'

/**
 * Why Meta did not take or deliver a message, by its error code (developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes).
 * The sentences beside the codes change; the codes do not.
 */
export function whatsappFailure(code: number): DeliveryFailure {
  if (code >= 200 && code <= 299) return 'config'
  return failures[code] ?? 'rejected'
}

const failures: Readonly<Record<number, DeliveryFailure>> = {
  // The token, permissions, the account, its payment and its templates: the operator's to mend.
  ...whichAre('config', [0, 190, 3, 10, 131005, 131030, 131031, 368, 131037, 131042, 131044, 131045]),
  ...whichAre('config', [132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 133010, 133016]),
  ...whichAre('rate_limited', [4, 80007, 130429, 131048, 131056]),
  ...whichAre('no_whatsapp', [131026]),
  ...whichAre('needs_template', [131047]),
  ...whichAre('opted_out', [131050]),
  ...whichAre('country_blocked', [130497]),
  ...whichAre('invalid_number', [131021, 131062]),
  ...whichAre('unavailable', [1, 2, 131000, 131016, 131057]),
}

function whichAre(failure: DeliveryFailure, codes: readonly number[]): Record<number, DeliveryFailure> {
  return Object.fromEntries(codes.map((code) => [code, failure]))
}
