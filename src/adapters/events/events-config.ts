import { z } from 'zod'
import { isWebhookSecret } from '../../lib/sign-webhook.ts'
import { isWebUrl } from '../../lib/web-url.ts'

/** `events.*`: a program of the organisation that is told what happens to links, people and sessions. */
export const eventsConfig = z.strictObject({
  url: z
    .string()
    .refine(isWebUrl)
    .optional()
    .meta({
      description: 'Where events are posted to; without it there are none. Redirects are not followed.',
      allowed:
        'a web address; http:// for your own network alone, because phone numbers are not encrypted then',
      examples: ['https://crm.example.org/portero'],
    }),
  secret: z
    .string()
    .refine(isWebhookSecret)
    .optional()
    .meta({
      description: 'Signs the events, so that your program knows from whom they are.',
      allowed:
        'whsec_ and 24 to 64 random bytes in base64, such as from: echo "whsec_$(openssl rand -base64 32)"',
      secret: true,
      examples: ['whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8='],
    }),
})

export type EventsConfig = z.output<typeof eventsConfig>
