import { z } from 'zod'
import { admissions } from './person.ts'

/** `people.*`: who becomes a person, and for how long a phone is believed to be theirs. */
export const peopleConfig = z.strictObject({
  admission: z
    .enum(admissions)
    .optional()
    .meta({
      description:
        'Who may come in with a number that proved itself: open takes anybody, known only people on record, approval lets ' +
        'newcomers wait for the operator. Has to be chosen; only the demo is open by itself.',
    }),
  idle_link_days: z.int().min(1).max(3650).default(180).meta({
    description:
      'After how many days without use a code alone no longer opens the account of a phone: lines change hands.',
  }),
  email_domain: z
    .string()
    .regex(/^[a-z\d]([a-z\d.-]{0,250}[a-z\d])?$/)
    .default('portero.invalid')
    .meta({
      description:
        'Domain of the made-up addresses for applications that want one. Changing it makes applications take everybody for somebody new.',
      allowed: 'a domain in small letters',
      examples: ['people.example.org'],
    }),
})

export type PeopleConfig = z.output<typeof peopleConfig>
