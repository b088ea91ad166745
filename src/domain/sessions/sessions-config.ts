import { z } from 'zod'

/** `sessions.*`: how long people stay signed in. */
export const sessionsConfig = z.strictObject({
  idle_days: z
    .int()
    .min(1)
    .max(365)
    .default(30)
    .meta({ description: 'A session ends after this many days without use.' }),
  life_days: z
    .int()
    .min(1)
    .max(730)
    .default(180)
    .meta({ description: 'A session ends after this many days, however much it is used.' }),
  admin_life_hours: z
    .int()
    .min(1)
    .max(720)
    .default(12)
    .meta({ description: 'A session of an administrator ends after this many hours.' }),
  shared_idle_minutes: z.int().min(1).max(1440).default(30).meta({
    description: 'On a shared computer a session ends after this many minutes without use.',
  }),
  shared_life_hours: z.int().min(1).max(24).default(8).meta({
    description: 'On a shared computer a session ends after this many hours.',
  }),
  device_days: z.int().min(1).max(730).default(180).meta({
    description: 'For how many days a browser that signed in counts as known.',
  }),
  new_device_notice: z
    .enum(['any', 'chat', 'off'])
    .default('any')
    .meta({
      description:
        'How a phone is told of a sign-in on a device that it was not seen with. any: in its chat with the bot, else by a WhatsApp ' +
        'template (whatsapp.notice_template), else by SMS, else when it next writes to the bot. chat: without template and SMS, which ' +
        'cost something. off: not at all. That a document was typed on ' +
        'another phone is told in the same ways, and in the chat even then.',
    }),
  stop_sends_hours: z
    .int()
    .min(0)
    .max(168)
    .default(24)
    .meta({
      description:
        'For how many hours strangers have no codes sent to a phone whose owner answered such a notice with "no fui yo". Browsers that ' +
        'signed in as this phone before go on.',
    }),
  max_per_person: z.int().min(1).max(1000).default(20).meta({
    description: 'How many sessions a person can have at once; a new one ends the oldest.',
  }),
})

export type SessionsConfig = z.output<typeof sessionsConfig>
