import type { FastifyReply } from 'fastify'
import { isRefusal, Refusal, type RefusalCode } from '../domain/errors.ts'
import type { Session } from '../domain/sessions/session.ts'
import { statusOf } from '../http/problem.ts'
import type { PagesNeeds } from './needs.ts'
import { expiredAppCookies, sendOnward } from './onward.ts'
import { paths, withQuery } from './parts.ts'
import { sendOn, sendPage, textOf, type Visit } from './visit.ts'
import { renderWhoPage } from './who-page.ts'

/**
 * Who is at a phone that several people share: asked after the code, and whenever somebody says that they are another. Until
 * they choose, the session is that of whoever used the phone last. A phone of one person is asked nothing.
 */
export async function getWho(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const identity = await portero.identify(visit.request.headers)
  if (identity === undefined) return sendOn(visit, withQuery(paths.signIn, { return: visit.returnTo }))
  return ask(portero, visit, identity.session, undefined)
}

/** Somebody chose: their own session opens in the place of the other one, and they go where they were going. */
export async function postWho(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const identity = await portero.identify(visit.request.headers)
  if (identity === undefined) return sendOn(visit, withQuery(paths.signIn, { return: visit.returnTo }))
  const { session } = identity
  const personId = (textOf(visit.request.body, 'person_id') ?? '').toLowerCase()
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(personId)) throw new Refusal('invalid_request')
  if (personId === session.person.id) return sendOnward(portero, visit, visit.returnTo)
  try {
    const switched = await portero.switchPerson({
      sessionId: session.id,
      personId,
      caller: portero.callerOf(visit.request.raw),
    })
    visit.reply.header('set-cookie', portero.sessionCookies(switched.session, switched.accessToken))
    visit.reply.header('set-cookie', expiredAppCookies(portero, visit))
    return sendOnward(portero, visit, visit.returnTo)
  } catch (thrown) {
    if (isRefusal(thrown, 'session_not_found'))
      return sendOn(visit, withQuery(paths.signIn, { return: visit.returnTo }))
    if (isRefusal(thrown, 'person_not_here') || isRefusal(thrown, 'proof_too_old'))
      return ask(portero, visit, session, thrown.code)
    throw thrown
  }
}

async function ask(
  portero: PagesNeeds,
  visit: Visit,
  { id, person, phone }: Session,
  refusal: RefusalCode | undefined,
): Promise<FastifyReply> {
  const { look, returnTo } = visit
  const others = await portero.listOthers(id)
  if (others.length === 0 && refusal === undefined) return sendOnward(portero, visit, returnTo)
  const people = [{ id: person.id, name: person.name }, ...others]
  const page = renderWhoPage(look, { phone, people, refusal, returnTo })
  return sendPage(visit, page, refusal === undefined ? 200 : statusOf(refusal))
}
