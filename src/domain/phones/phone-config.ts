import { z } from 'zod'
import { isRegion } from './regions.ts'

const region = z.string().refine(isRegion)

/** `phone.*`: whose numbers may sign in. */
export const phoneConfig = z.strictObject({
  default_region: region.optional().meta({
    description:
      'In which country a number without country code is read; first in the list of the page. ' +
      'When not set, BR where it is allowed, else the first of phone.allowed_regions.',
    allowed: 'an ISO 3166 country in capitals, such as BR',
    examples: ['BR'],
  }),
  allowed_regions: z
    .array(region.meta({ allowed: 'ISO 3166 countries in capitals' }))
    .min(1)
    .default(['BR', 'AR'])
    .meta({
      description:
        'Countries whose numbers may receive codes. All others are refused before anything is sent.',
    }),
})

export type PhoneConfig = z.output<typeof phoneConfig>
