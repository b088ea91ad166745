import { z } from 'zod'

/** `tokens.*`: the JWTs that Portero gives out. */
export const tokensConfig = z.strictObject({
  secret: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        'Signs access tokens with HS256, so that an application with the same secret can check them. ' +
        'When not set, they are signed with ES256, to be checked with /_portero/jwks.json.',
      allowed: 'at least 32 bytes of chance',
      secret: true,
    }),
  ttl_seconds: z
    .int()
    .min(900)
    .max(1800)
    .default(900)
    .meta({ description: 'How long an access token is good for.' }),
})

export type TokensConfig = z.output<typeof tokensConfig>
