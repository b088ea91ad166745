import { z } from 'zod'
import { isSafeOrigin } from '../safe-origin.ts'

/** `whatsapp.*`: a number of the WhatsApp Business Platform, as Meta hosts it. */
export const whatsappConfig = z.strictObject({
  phone_number_id: z
    .string()
    .regex(/^\d{5,24}$/)
    .optional()
    .meta({
      description:
        "Meta's id of the number that people write to (not the number itself). Webhooks of other numbers are passed over.",
      allowed: 'the digits of the id',
      examples: ['106540352242922'],
    }),
  number: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/)
    .optional()
    .meta({
      description:
        'The number that people write to, as they see it. With it, people can sign in by sending it a message that the page has prepared.',
      allowed: 'a number with its country code, such as +5491123456789',
      examples: ['+5491123456789'],
    }),
  access_token: z
    .string()
    .regex(/^[\x21-\x7e]{8,}$/)
    .optional()
    .meta({
      description: 'Token of a system user who may send messages from that number.',
      allowed: 'the token, without spaces',
      secret: true,
      examples: ['EAAG-token-of-a-system-user'],
    }),
  app_secret: z
    .array(z.string().min(16))
    .min(1)
    .optional()
    .meta({
      description:
        'Secret of the Meta app, which signs webhooks. While it is being changed, both the new one and the old one.',
      allowed: 'a list of secrets of at least 16 letters',
      secret: true,
      examples: [['00112233445566778899aabbccddeeff']],
    }),
  verify_token: z
    .string()
    .min(16)
    .optional()
    .meta({
      description: 'A word of your own that you also type at Meta when you set up the webhook.',
      allowed: 'at least 16 letters',
      secret: true,
      examples: ['a-word-of-your-own'],
    }),
  notice_template: z
    .string()
    .regex(/^[a-z0-9_]{1,512}$/)
    .optional()
    .meta({
      description:
        'Name of an approved template that tells of a new session to people who have not written for a day, with {{1}} your name, ' +
        '{{2}} the device, {{3}} the address, {{4}} the time, and one quick-reply button. When not set, they are told by SMS.',
      allowed: 'small letters, digits and _',
      examples: ['new_session'],
    }),
  document_notice_template: z
    .string()
    .regex(/^[a-z0-9_]{1,512}$/)
    .optional()
    .meta({
      description:
        'Name of an approved template that tells people who have not written for a day that their document was typed on another ' +
        'phone, with {{1}} your name, and one quick-reply button. When not set, they are told by SMS.',
      allowed: 'small letters, digits and _',
      examples: ['document_typed'],
    }),
  notice_languages: z
    .array(z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/))
    .min(1)
    .default(['es_AR', 'pt_BR', 'en_US'])
    .meta({
      description: 'The languages in which they are approved; the first is for people who read none of them.',
      allowed: 'a list of languages as Meta writes them, such as es_AR',
    }),
  api_version: z
    .string()
    .regex(/^v\d{1,3}\.\d{1,2}$/)
    .default('v26.0')
    .meta({ description: 'Version of the Graph API that is spoken.', allowed: 'a version such as v26.0' }),
  base_url: z.string().refine(isSafeOrigin).default('https://graph.facebook.com').meta({
    description: 'Where the Graph API is; another place is for tests.',
    allowed: 'https:// and a host (http:// for this machine alone), without path',
  }),
})

export type WhatsappConfig = z.output<typeof whatsappConfig>
