import type { FastifyReply } from 'fastify'
import { serializeCookie } from '../http/cookies.ts'
import { handedOffCookie } from '../http/hand-off.ts'
import type { PagesNeeds } from './needs.ts'
import { paths, withQuery } from './parts.ts'
import { sendOn, type Visit } from './visit.ts'

/** Sends a browser that is signed in to where it was going; to the app behind by way of its session there. */
export function sendOnward({ app }: Pick<PagesNeeds, 'app'>, visit: Visit, path: string): FastifyReply {
  const isApps = !path.startsWith('/_portero/')
  if (!isApps || app.sessionCookie() === undefined) return sendOn(visit, path)
  return sendOn(visit, withQuery(paths.handOff, { return: path }))
}

/**
 * `Set-Cookie` values that take away a session with the app behind. At each sign-in too: an old one, of somebody else or of
 * an account that is gone, would show that person's name or shut the app's page.
 */
export function expiredAppCookies({ app }: Pick<PagesNeeds, 'app'>, { isSecure }: Visit): string[] {
  const name = app.sessionCookie()
  const names = name === undefined ? [] : [name, handedOffCookie]
  return names.map((one) => serializeCookie(one, '', { maxAgeSeconds: 0, isSecure }))
}
