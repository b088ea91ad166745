import { z } from 'zod'
import { isOrigin } from '../lib/web-url.ts'

/** `api.*`: who may call the API. */
export const apiConfig = z.strictObject({
  allowed_origins: z
    .array(z.string().refine(isOrigin).meta({ allowed: 'origins such as https://app.example.org' }))
    .default([])
    .meta({
      description: 'Other sites whose pages may call the API from a browser.',
      examples: [['https://app.example.org']],
    }),
})

export type ApiConfig = z.output<typeof apiConfig>
