import { z } from 'zod'
import { route } from './route.ts'

/** Trades a refresh token for the next one. */
export const tokenRefresh = route({
  method: 'POST',
  path: '/_portero/api/token/refresh',
  summary: 'Get a new token',
  description:
    'Each refresh token is good once. Presented again within 30 seconds, or while nothing of the newer pair has been used, it gives the same next one, so that a lost answer loses nothing. An older one ends the session: somebody has a copy.',
  takesForm: true,
  body: z.object({ refresh_token: z.string().min(1).max(512) }),
  output: z
    .object({
      token: z.string(),
      token_type: z.literal('Bearer'),
      expires_in: z.int(),
      refresh_token: z.string(),
    })
    .meta({ id: 'TokenRefreshed' }),
  refuses: ['invalid_token'],
  isCrossOrigin: true,

  async handle(needs, { body, request }) {
    needs.requireSafeTransport(request.raw)
    const refreshed = await needs.refreshSession(body.refresh_token)
    return {
      token: refreshed.accessToken,
      token_type: 'Bearer' as const,
      expires_in: refreshed.expiresInSeconds,
      refresh_token: refreshed.refreshToken,
    }
  },
})
