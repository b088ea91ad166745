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
  max_per_person: z.int().min(1).max(1000).default(20).meta({
    description: 'How many sessions a person can have at once; a new one ends the oldest.',
  }),
})

export type SessionsConfig = z.output<typeof sessionsConfig>
