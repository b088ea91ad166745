import { z } from 'zod'
import { isNetwork } from '../../lib/network.ts'

const budget = (standard: number, description: string) =>
  z.int().min(1).max(10_000_000).default(standard).meta({ description })

/** A network whose budgets are multiplied: an office behind one address, say. */
export type NetworkFactor = { readonly cidr: string; readonly factor: number }

/** Reads `CIDR=factor`; undefined for anything else. */
export function parseNetworkFactor(text: string): NetworkFactor | undefined {
  const [cidr = '', factor = '', ...more] = text.split('=')
  if (more.length > 0 || !isNetwork(cidr) || !/^\d{1,4}(\.\d{1,3})?$/.test(factor)) return undefined
  return Number(factor) > 0 ? { cidr, factor: Number(factor) } : undefined
}

/** `limits.*`: how much may happen before somebody has to wait. Windows slide; a refusal is charged to nobody. */
export const limitsConfig = z.strictObject({
  phone_sends_per_10_minutes: budget(
    5,
    'Codes sent to one phone in 10 minutes, asked for by unknown browsers.',
  ),
  phone_sends_per_hour: budget(8, 'The same in an hour.'),
  phone_sends_per_day: budget(12, 'The same in 24 hours.'),
  phone_sends_per_address_per_day: budget(6, 'How many of these in 24 hours one address may ask for.'),
  device_sends_per_10_minutes: budget(
    3,
    'Codes in 10 minutes for a browser that has signed in with the phone before.',
  ),
  device_sends_per_day: budget(10, 'The same in 24 hours.'),
  device_guesses_per_day: budget(15, 'Wrong codes in 24 hours from such a browser.'),
  address_sends_per_hour: budget(
    20,
    'Codes in an hour asked for by one address (IPv4, or IPv6 by /64) and not used.',
  ),
  address_sends_per_day: budget(60, 'The same in 24 hours.'),
  network_sends_per_hour: budget(
    200,
    'Codes in an hour asked for by one IPv6 network (/48) and not used; and sign-ins by a WhatsApp message that it may begin.',
  ),
  address_starts_per_hour: budget(
    20,
    'Sign-ins by a WhatsApp message that one address (IPv4, or IPv6 by /64) may begin in an hour.',
  ),
  address_guesses_per_10_minutes: budget(30, 'Wrong codes in 10 minutes from one address.'),
  prefix_sends_per_hour: budget(
    60,
    'Codes in an hour to neighbouring numbers, which differ in the last four digits alone.',
  ),
  region_sends_per_hour: budget(500, 'Codes in an hour to the numbers of one country.'),
  region_sends_per_day: budget(3000, 'The same in 24 hours.'),
  service_sends_per_hour: budget(1000, 'Codes in an hour altogether.'),
  service_sends_per_day: budget(5000, 'The same in 24 hours.'),
  service_wrong_guesses_per_hour: budget(
    300,
    'Wrong codes in an hour altogether; beyond it every new code has 8 digits.',
  ),
  networks: z
    .array(
      z
        .string()
        .refine((text) => parseNetworkFactor(text) !== undefined)
        .meta({ allowed: 'CIDR=factor, the factor a number above 0' }),
    )
    .default([])
    .meta({
      description: 'Networks whose budgets by address are multiplied, such as an office behind one address.',
      examples: [['200.10.20.0/24=10']],
    }),
})

export type LimitsConfig = z.output<typeof limitsConfig>
