import { z } from 'zod'
import { route } from './route.ts'
import { sessionAnswer, sessionSchema } from './session-answer.ts'
import { requireSession } from './signed-in.ts'

/** Changes to another person of the same phone. */
export const switchMe = route({
  method: 'POST',
  path: '/_portero/api/me/switch',
  summary: 'Go on as another person of the same phone',
  description:
    'For a phone that several people share: the session ends, and one of the chosen person takes its place, with new tokens and cookies. Nothing is proved by it: the new session lives no longer than the old one would have, and its level is the same. Whom it can be, `others` says in the answer of `/otp/verify` and of this address.',
  takesForm: true,
  body: z.object({ person_id: z.uuid().meta({ description: 'An id out of `others`.' }) }),
  output: sessionSchema,
  refuses: ['not_signed_in', 'invalid_token', 'session_not_found', 'person_not_here', 'proof_too_old'],
  isCrossOrigin: true,

  async handle(needs, { body, request, reply }) {
    needs.requireSafeTransport(request.raw)
    const { id } = await requireSession(needs, request)
    const switched = await needs.switchPerson({
      sessionId: id,
      personId: body.person_id.toLowerCase(),
      caller: needs.callerOf(request.raw, 'api'),
    })
    reply.header('set-cookie', needs.sessionCookies(switched.session, switched.accessToken))
    return sessionAnswer(switched, needs.now())
  },
})
