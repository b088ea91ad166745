import { z } from 'zod'
import { phoneSetting } from '../phones/phone-setting.ts'

/** `admin.*`: who runs this place. */
export const adminConfig = z.strictObject({
  phones: z
    .array(phoneSetting)
    .default([])
    .meta({ description: 'Phones whose people are administrators.', examples: [['+5511961234567']] }),
})

export type AdminConfig = z.output<typeof adminConfig>
