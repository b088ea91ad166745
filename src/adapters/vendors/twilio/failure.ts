import type { DeliveryFailure } from '../../../domain/messaging/delivery-provider.ts'

/** Why Twilio did not take or deliver a message, by its error code (twilio.com/docs/api/errors). */
export function twilioFailure(code: number): DeliveryFailure {
  return failures[code] ?? 'rejected'
}

const failures: Readonly<Record<number, DeliveryFailure>> = {
  ...whichAre('config', [20003, 20404, 20005, 21212, 21606, 21603, 21660, 21659, 63007]),
  ...whichAre('rate_limited', [20429, 14107, 30001, 63018, 63038]),
  ...whichAre('invalid_number', [21211, 21401, 21612, 21614, 30005, 30006]),
  ...whichAre('country_blocked', [21408, 60605]),
  ...whichAre('opted_out', [21610, 30004]),
  ...whichAre('needs_template', [63016]),
  ...whichAre('no_whatsapp', [63003, 63024]),
  ...whichAre('unavailable', [20500, 20503, 30008, 63005]),
}

function whichAre(failure: DeliveryFailure, codes: readonly number[]): Record<number, DeliveryFailure> {
  return Object.fromEntries(codes.map((code) => [code, failure]))
}
