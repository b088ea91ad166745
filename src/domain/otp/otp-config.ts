import { z } from 'zod'

/** `otp.*`: codes and the challenges that they answer. */
export const otpConfig = z.strictObject({
  ttl_seconds: z.int().min(60).max(600).default(300).meta({
    description: 'How long a code is good for. Sending it again starts this anew.',
  }),
  // ASVS 5.0 §6.5.5: at most ten minutes.
  life_max_seconds: z.int().min(60).max(600).default(600).meta({
    description: 'How long a code is good for at the most, however often it is sent again.',
  }),
  tries: z
    .int()
    .min(1)
    .max(10)
    .default(5)
    .meta({ description: 'How many codes are compared for one request.' }),
  resend_after_seconds: z.array(z.int().min(5).max(3600)).min(1).max(10).default([30, 60, 120, 300]).meta({
    description: 'Seconds to wait before sending again: after the first time, the second, and so on.',
  }),
  long_code_after_guesses: z.int().min(1).max(1000).default(15).meta({
    description: 'After how many wrong guesses in 24 hours a phone gets codes of 8 digits instead of 6.',
  }),
  live_challenges: z.int().min(1).max(10).default(3).meta({
    description: 'How many requests for one phone can be open at once.',
  }),
})

export type OtpConfig = z.output<typeof otpConfig>
