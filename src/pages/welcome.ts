import type { FastifyReply } from 'fastify'
import type { SignedIn } from '../domain/otp/start-session.ts'
import { serializeCookie } from '../http/cookies.ts'
import { holdChallenge } from './hold-challenge.ts'
import type { PagesNeeds } from './needs.ts'
import { expiredAppCookies, sendOnward } from './onward.ts'
import { paths, withQuery } from './parts.ts'
import type { Visit } from './visit.ts'

/** Gives a browser its session, and sends it where it was going: by way of what is still to be asked. */
export function welcome(portero: PagesNeeds, visit: Visit, signedIn: SignedIn): FastifyReply {
  const { session, accessToken, deviceToken, isNewcomer, others } = signedIn
  const { isSecure, names, returnTo } = visit
  visit.reply.header('set-cookie', portero.sessionCookies(session, accessToken))
  visit.reply.header('set-cookie', expiredAppCookies(portero, visit))
  if (deviceToken !== undefined && !session.isShared) {
    const life = { maxAgeSeconds: portero.settings.deviceDays * 86_400, isSecure }
    visit.reply.header('set-cookie', serializeCookie(names.device, deviceToken, life))
  }
  holdChallenge(visit, undefined)
  const asksName = isNewcomer && session.person.name === undefined
  if (asksName) return sendOnward(portero, visit, withQuery(paths.name, { return: returnTo }))
  return sendOnward(portero, visit, others.length > 0 ? whoPath(visit) : returnTo)
}

/** On a phone of several people nobody goes on before it is known who they are. */
export function whoPath({ returnTo }: Visit): string {
  return withQuery(paths.who, { return: returnTo })
}
