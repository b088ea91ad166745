import { z } from 'zod'
import { expiredCookies } from '../http/cookies.ts'
import { route } from './route.ts'
import { requireSession } from './signed-in.ts'

/** The sessions of the signed-in person. */
export const listMySessions = route({
  method: 'GET',
  path: '/_portero/api/me/sessions',
  summary: 'Where this person is signed in',
  output: z
    .object({
      sessions: z.array(
        z.object({
          id: z.uuid(),
          started_at: z.iso.datetime(),
          last_seen_at: z.iso.datetime(),
          address: z.string().nullable(),
          user_agent: z.string().nullable(),
          shared_computer: z.boolean(),
          current: z.boolean(),
        }),
      ),
    })
    .meta({ id: 'Sessions' }),
  refuses: ['not_signed_in', 'invalid_token'],
  isCrossOrigin: true,

  async handle(needs, { request }) {
    const current = await requireSession(needs, request)
    const sessions = await needs.listSessions(current.person.id)
    return {
      sessions: sessions.map((session) => ({
        id: session.id,
        started_at: session.startedAt.toISOString(),
        last_seen_at: session.lastSeenAt.toISOString(),
        address: session.address ?? null,
        user_agent: session.userAgent ?? null,
        shared_computer: session.isShared,
        current: session.id === current.id,
      })),
    }
  },
})

/** Ends one of them. */
export const endMySession = route({
  method: 'DELETE',
  path: '/_portero/api/me/sessions/:id',
  summary: 'End one session of this person',
  params: z.object({ id: z.uuid() }),
  output: z.object({ ended: z.int() }),
  refuses: ['not_signed_in', 'invalid_token', 'session_not_found'],
  isCrossOrigin: true,

  async handle(needs, { request, reply }) {
    const current = await requireSession(needs, request)
    const id = (request.params as { id: string }).id.toLowerCase()
    await needs.endSession({ personId: current.person.id, sessionId: id })
    if (id === current.id) reply.header('set-cookie', expiredCookies())
    return { ended: 1 }
  },
})
