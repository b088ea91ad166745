import type { FastifyReply } from 'fastify'
import { serializeCookie } from '../http/cookies.ts'
import { handedOffCookie } from '../http/hand-off.ts'
import { handOffScript, renderHandOffPage } from './hand-off-page.ts'
import type { PagesNeeds } from './needs.ts'
import { pageHeaders } from './page-headers.ts'
import { paths, withQuery } from './parts.ts'
import { sendOn, sendPage, type Visit } from './visit.ts'

/** For how long a browser that comes back without the app's cookie is not sent here again. */
const pauseSeconds = 10

/**
 * Gives a signed-in browser its session with the app behind: what the app's page looks for in its cookies and in its
 * storage, so that it opens as if that had always been there. A stranger is sent to sign in first; for an app without
 * sessions there is nothing to do.
 */
export async function getHandOff(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const { reply, look, returnTo, isSecure, request } = visit
  const identity = await portero.identify(request.headers)
  if (identity === undefined) return sendOn(visit, withQuery(paths.signIn, { return: returnTo }))
  if (portero.app.sessionCookie() === undefined) return sendOn(visit, returnTo)
  const session = await portero.app.enter(identity.session)
  const pause = serializeCookie(handedOffCookie, '1', { maxAgeSeconds: pauseSeconds, isSecure })
  reply.headers(pageHeaders(look.brand, [handOffScript])).header('set-cookie', [...session.cookies, pause])
  return sendPage(visit, renderHandOffPage(look, { session, returnTo }))
}
