import { z } from 'zod'
import { levelOf } from '../domain/people/level.ts'
import type { Session } from '../domain/sessions/session.ts'

/** A signed-in person, as the API shows them to themselves. */
export const personSchema = z
  .object({
    id: z.uuid(),
    phone: z.string().meta({ description: 'E.164' }),
    name: z.string().nullable(),
    level: z.enum(['declared', 'verified', 'confirmed']).meta({
      description:
        'How sure it is who this is: confirmed means that the phone was proved within ten minutes.',
    }),
    role: z.string().nullable(),
  })
  .meta({ id: 'Person' })

/** Writes a session's person in that form. */
export function personOf(session: Session, now: number): z.input<typeof personSchema> {
  return {
    id: session.person.id,
    phone: session.phone,
    name: session.person.name ?? null,
    level: levelOf('attested', session.provedAt, now),
    role: session.person.role ?? null,
  }
}
