import { z } from 'zod'
import { isSafeOrigin } from '../safe-origin.ts'

/** `twilio.*`: an account at Twilio with a WhatsApp sender. */
export const twilioConfig = z.strictObject({
  account_sid: z
    .string()
    .regex(/^AC[\da-f]{32}$/)
    .optional()
    .meta({
      description: 'Id of the account. Webhooks of other accounts are passed over.',
      allowed: 'AC and 32 letters or digits',
      examples: ['AC00112233445566778899aabbccddeeff'],
    }),
  auth_token: z
    .array(z.string().min(16))
    .min(1)
    .optional()
    .meta({
      description:
        'Auth token of the account, which sends and signs webhooks (an API key does not sign). While it is being changed, ' +
        'the one in use first, then the other.',
      allowed: 'a list of tokens of at least 16 letters',
      secret: true,
      examples: [['00112233445566778899aabbccddeeff']],
    }),
  from: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/)
    .optional()
    .meta({
      description: 'The number of the WhatsApp sender.',
      allowed: 'a number with its country code, such as +14155238886',
      examples: ['+14155238886'],
    }),
  base_url: z.string().refine(isSafeOrigin).default('https://api.twilio.com').meta({
    description: 'Where the API of Twilio is; another place is for tests.',
    allowed: 'https:// and a host (http:// for this machine alone), without path',
  }),
})

export type TwilioConfig = z.output<typeof twilioConfig>
