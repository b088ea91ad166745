import { z } from 'zod'
import { expiredCookies } from '../http/cookies.ts'
import { route } from './route.ts'
import { requireSession } from './signed-in.ts'

/** Ends the session of the caller, or all sessions of that person. */
export const signout = route({
  method: 'POST',
  path: '/_portero/api/signout',
  summary: 'Sign out',
  takesForm: true,
  body: z
    .object({
      everywhere: z
        .union([z.boolean(), z.enum(['true', 'false'])])
        .optional()
        .meta({ description: 'Ends every session of the person.' }),
    })
    .nullish(),
  output: z
    .object({ ended: z.int().meta({ description: 'How many sessions ended.' }) })
    .meta({ id: 'SignedOut' }),
  refuses: ['not_signed_in', 'invalid_token', 'session_not_found'],
  isCrossOrigin: true,

  async handle(needs, { body, request, reply }) {
    const session = await requireSession(needs, request)
    reply.header('set-cookie', expiredCookies()).header('clear-site-data', '"storage"')
    if (String(body?.everywhere) === 'true') return { ended: await needs.endAllSessions(session.person.id) }
    await needs.endSession({ personId: session.person.id, sessionId: session.id })
    return { ended: 1 }
  },
})
