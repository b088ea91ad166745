import { z } from 'zod'

const personId = z.uuid().meta({ description: 'Who it is about: the id in the people table.' })
const phone = z
  .string()
  .regex(/^\+\d+$/)
  .meta({ description: 'The phone, in E.164.' })
const door = z.string().meta({
  description:
    'By which door: `bot`, `pages`, `api`, `cli` (the command line), `store` (it ran out by itself).',
})
const belongs = z.enum(['declared', 'attested']).meta({
  description:
    'How it is known that the phone is theirs: `declared` (they typed a document) or `attested` (known by more).',
})
const level = z.enum(['declared', 'verified']).meta({
  description:
    'How sure it is who they are, at least: `verified` needs an attested link and a proof of the phone.',
})

/** Everything that is told, in one style: what it is about, and what happened to it. A type never changes its meaning. */
export const eventTypes = {
  'link.created': {
    means:
      'A phone speaks for a person now: a document was typed, a program linked them, or a newcomer proved the number. It is told again when they are linked again.',
    data: z.strictObject({ person_id: personId, phone, belongs, level, door }),
  },
  'link.forgotten': {
    means: 'A phone speaks for a person no longer.',
    data: z.strictObject({
      person_id: personId,
      phone,
      reason: z.string().meta({
        description:
          '`forgotten` (somebody asked for it, with "olvidar" for one), `forgotten_unproved` (the same over a channel that does not prove the number, where only what was said over one counts), `expired` (it was not used for too long), `disowned` (the person said from their own phone that it was not them).',
      }),
      door,
    }),
  },
  'person.blocked': {
    means: 'A person may not come in any more. Their sessions have ended.',
    data: z.strictObject({
      person_id: personId,
      phones: z.array(z.string()).meta({ description: 'All phones that are linked to them, in E.164.' }),
      state: z
        .enum(['blocked', 'rejected'])
        .meta({ description: '`rejected`: a newcomer whom the operator turned away.' }),
    }),
  },
  'session.started': {
    means: 'Somebody signed in, or a session changed to another person of its phone.',
    data: z.strictObject({
      person_id: personId,
      phone,
      session_id: z
        .uuid()
        .meta({ description: 'The session. It opens nothing; it is the one that `me/sessions` lists.' }),
      belongs,
      level,
      is_new_device: z.boolean().meta({
        description:
          'Whether the phone was not seen with this device before, and is told of it. A newcomer’s first session is none.',
      }),
      is_switched: z
        .boolean()
        .meta({ description: 'Whether it came of another session instead of a sign-in.' }),
      door,
    }),
  },
  'request.opened': {
    means:
      'Somebody asked the bot for something that only the organisation can do. `portero requests list` and `portero links list` show what waits.',
    data: z.strictObject({
      request_id: z.string().meta({ description: 'By which it is settled on the command line.' }),
      kind: z.enum(['people', 'erasure', 'not_me', 'documents', 'link']).meta({
        description:
          '`people` (they want to speak with people), `erasure` (their data erased), `not_me` (something was done in their name), `documents` (nobody asked: many wrong documents came), `link` (they want to be recognised, which waits for your approval).',
      }),
      phone: phone
        .nullable()
        .meta({ description: 'Who wrote, in E.164; null where nobody did, or the number is hidden.' }),
      person_id: personId.nullable().meta({ description: 'For whom the bot took them, or null.' }),
      level: z
        .enum(['declared', 'verified', 'confirmed'])
        .nullable()
        .meta({ description: 'How sure that was; null where nobody was known.' }),
      until: z.string().nullable().meta({
        description: 'When it settles itself: until then the bot keeps silent in that chat.',
      }),
    }),
  },
} as const

export type EventType = keyof typeof eventTypes
