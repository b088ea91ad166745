import { z } from 'zod'
import { locales } from '../domain/locale.ts'

/** `pages.*`: how the sign-in pages look and speak. */
export const pagesConfig = z.strictObject({
  name: z.string().min(1).max(60).default('Portero').meta({
    description: 'What people know this place by.',
    allowed: 'text of at most 60 letters',
  }),
  color: z
    .string()
    .regex(/^#([\da-f]{3}|[\da-f]{6})$/i)
    .optional()
    .meta({
      description:
        'Accent colour; its shades are moved until they can be read. When not set, a deep green-blue.',
      allowed: 'a colour such as #0f5b66',
      examples: ['#0f5b66'],
    }),
  logo: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'File of an SVG, PNG or WebP image of at most 64 KB.',
      allowed: 'the path of a file',
      examples: ['./logo.svg'],
    }),
  default_locale: z.enum(locales).optional().meta({
    description:
      'Language for readers who ask for none that Portero speaks. When not set, that of phone.default_region.',
  }),
  contact: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({
      description: 'Whom to ask when a number is not let in.',
      allowed: 'text of at most 200 letters',
      examples: ['the reception, +55 11 3333-4444'],
    }),
})

export type PagesConfig = z.output<typeof pagesConfig>
