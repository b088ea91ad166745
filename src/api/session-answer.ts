import { z } from 'zod'
import type { Switched } from '../domain/sessions/switch-person.ts'
import { personOf, personSchema } from './person-schema.ts'

/** A session that has just begun, as the API hands it over. */
export const sessionSchema = z
  .object({
    token: z.string().meta({ description: 'JWT' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Seconds.' }),
    refresh_token: z.string(),
    user: personSchema
      .extend({
        others: z.array(z.object({ id: z.uuid(), name: z.string().nullable() })).meta({
          description: 'Other people on the same phone; `/_portero/api/me/switch` changes to one of them.',
        }),
      })
      .meta({ id: 'SignedInPerson' }),
  })
  .meta({ id: 'SignedIn' })

/** Writes a session with its tokens in that form. */
export function sessionAnswer(opened: Switched, now: number): z.input<typeof sessionSchema> {
  return {
    token: opened.accessToken,
    token_type: 'Bearer',
    expires_in: opened.expiresInSeconds,
    refresh_token: opened.refreshToken,
    user: {
      ...personOf(opened.session, now),
      others: opened.others.map(({ id, name }) => ({ id, name: name ?? null })),
    },
  }
}
