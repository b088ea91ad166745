import { z } from 'zod'

/** `keys.*`: the secrets from which every key of Portero is derived. */
export const keysConfig = z.strictObject({
  secrets: z
    .array(z.string().refine((secret) => Buffer.byteLength(secret) >= 32))
    .min(1)
    .optional()
    .meta({
      description:
        'Secrets for codes, cookies and signatures. The first is used, the others still verify: to rotate, put a new one ' +
        'in front. Needed with database.url; without it Portero makes one in data_dir/keys.',
      allowed: 'a list of secrets of at least 32 bytes each',
      secret: true,
    }),
})

export type KeysConfig = z.output<typeof keysConfig>
