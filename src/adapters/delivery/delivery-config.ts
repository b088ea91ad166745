import { z } from 'zod'

/** Every way of bringing codes out that can be configured. */
export const providerNames = ['console'] as const

export type ProviderName = (typeof providerNames)[number]

/** `delivery.*`: how codes go out. */
export const deliveryConfig = z.strictObject({
  console: z.boolean().default(false).meta({
    description: 'Prints codes to the terminal instead of sending them. For development alone.',
  }),
  order: z.array(z.enum(providerNames)).default([]).meta({
    description:
      'Providers in the order in which they are tried. Those that are configured and not named come after.',
  }),
})

export type DeliveryConfig = z.output<typeof deliveryConfig>
