import type { FastifyReply } from 'fastify'
import { isRefusal, Refusal } from '../domain/errors.ts'
import { cookieNames, expiredCookies, serializeCookie } from '../http/cookies.ts'
import { type AccountEvent, renderAccountPage } from './account-page.ts'
import { endQuietly } from './end-quietly.ts'
import { renderNamePage } from './name-page.ts'
import type { PagesNeeds } from './needs.ts'
import { expiredAppCookies, sendOnward } from './onward.ts'
import { paths, withQuery } from './parts.ts'
import { renderSignedOutPage } from './signed-in-page.ts'
import { sendOn, sendPage, textOf, type Visit } from './visit.ts'

const accountEvents: ReadonlySet<string> = new Set<AccountEvent>([
  'session_ended',
  'device_forgotten',
  'name_saved',
])

/** Who is signed in and where; a stranger is sent to sign in first. */
export async function getAccount(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const identity = await portero.identify(visit.request.headers)
  if (identity === undefined) return sendOn(visit, withQuery(paths.signIn, { return: paths.account }))
  const { session } = identity
  const said = textOf(visit.request.query, 'said') ?? ''
  const page = renderAccountPage(visit.look, {
    account: { name: session.person.name, phone: session.phone },
    sessions: await portero.listSessions(session.person.id),
    currentSessionId: session.id,
    hasOthers: (await portero.listOthers(session.id)).length > 0,
    hasDevice: visit.cookies.has(visit.names.device),
    event: accountEvents.has(said) ? (said as AccountEvent) : undefined,
    now: portero.now(),
  })
  return sendPage(visit, page)
}

/** The name, asked of a newcomer or changed later. */
export async function getName(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const identity = await portero.identify(visit.request.headers)
  if (identity === undefined) return sendOn(visit, withQuery(paths.signIn, { return: visit.returnTo }))
  const typed = identity.session.person.name ?? ''
  return sendPage(visit, renderNamePage(visit.look, { typed, isWrong: false, returnTo: visit.returnTo }))
}

export async function postName(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const identity = await requireIdentity(portero, visit)
  const typed = textOf(visit.request.body, 'name') ?? ''
  const { returnTo } = visit
  try {
    await portero.nameSelf(identity.session.person.id, typed)
  } catch (thrown) {
    if (!isRefusal(thrown, 'invalid_name')) throw thrown
    return sendPage(
      visit,
      renderNamePage(visit.look, { typed: typed.slice(0, 80), isWrong: true, returnTo }),
      400,
    )
  }
  const isHere = returnTo === paths.account
  return sendOnward(portero, visit, isHere ? withQuery(returnTo, { said: 'name_saved' }) : returnTo)
}

/** Ends this session, or with `all` every session of this person. It says "signed out" only once that is so. */
export async function postSignOut(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const identity = await portero.identify(visit.request.headers)
  const isEverywhere = textOf(visit.request.body, 'all') !== undefined
  if (identity !== undefined) {
    const { person, id } = identity.session
    if (isEverywhere) await portero.endAllSessions(person.id)
    else await endQuietly(portero, { personId: person.id, sessionId: id })
  }
  forgetSession(portero, visit)
  return sendOn(visit, withQuery(paths.signedOut, { all: isEverywhere ? 1 : undefined }))
}

/**
 * The way out of the app behind: its page comes here with a ticket that it got when somebody pressed its sign-out. Without
 * one that is good for this very session nothing ends: the account page has a button.
 */
export async function getSignOut(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const identity = await portero.identify(visit.request.headers)
  if (identity !== undefined) {
    const { person, id } = identity.session
    if (portero.readSignOutTicket(textOf(visit.request.query, 'ticket') ?? '') !== id)
      return sendOn(visit, paths.account)
    await endQuietly(portero, { personId: person.id, sessionId: id })
    forgetSession(portero, visit)
  }
  return sendOn(visit, paths.signIn)
}

function forgetSession(portero: PagesNeeds, visit: Visit): void {
  // Never "cookies": that would empty every host of the domain.
  visit.reply
    .header('set-cookie', [...expiredCookies(), ...expiredAppCookies(portero, visit)])
    .header('clear-site-data', '"storage"')
}

export async function getSignedOut(_: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const isEverywhere = textOf(visit.request.query, 'all') !== undefined
  return sendPage(visit, renderSignedOutPage(visit.look, { isEverywhere }))
}

/** Ends one session of this person's own; the one of this very browser by signing out. */
export async function postEndSession(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const { session } = await requireIdentity(portero, visit)
  const sessionId = textOf(visit.request.body, 'session_id') ?? ''
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(sessionId)) throw new Refusal('invalid_request')
  if (sessionId.toLowerCase() === session.id) return postSignOut(portero, visit)
  await endQuietly(portero, { personId: session.person.id, sessionId })
  return sendOn(visit, withQuery(paths.account, { said: 'session_ended' }))
}

/** This browser counts as unknown from now on. */
export async function postForgetDevice(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const token = visit.cookies.get(visit.names.device)
  if (token !== undefined && token !== '') await portero.forgetDevice(token)
  visit.reply.header('set-cookie', [true, false].map(expiredDeviceCookie))
  return sendOn(visit, withQuery(paths.account, { said: 'device_forgotten' }))
}

function expiredDeviceCookie(isSecure: boolean): string {
  return serializeCookie(cookieNames(isSecure).device, '', { maxAgeSeconds: 0, isSecure })
}

async function requireIdentity(portero: PagesNeeds, visit: Visit) {
  const identity = await portero.identify(visit.request.headers)
  if (identity === undefined) throw new Refusal('not_signed_in')
  return identity
}
