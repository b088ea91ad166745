import type { FastifyReply } from 'fastify'
import type { Session } from '../domain/sessions/session.ts'
import type { Identity } from '../http/credentials.ts'
import { endQuietly } from './end-quietly.ts'
import { isOnlyLooking } from './is-only-looking.ts'
import type { PagesNeeds } from './needs.ts'
import { expiredAppCookies, sendOnward } from './onward.ts'
import { showSignIn } from './sign-in.ts'
import { renderConfirmPage, renderDeadTokenPage, renderPreviewPage } from './token-pages.ts'
import { sendPage, textOf, type Visit } from './visit.ts'

const tokenLengthMax = 4096

/**
 * `GET /signin?token=…`: the sign-in that an app hands over. Nothing is consumed. Who only looks (HEAD, prefetch, link
 * previews) sees a plain page; whoever is signed in as somebody else, or comes from another site, is asked first.
 */
export async function getTokenSignIn(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  if (isOnlyLooking(visit)) return sendPage(visit, renderPreviewPage(visit.look))
  const token = textOf(visit.request.query, 'token')
  if (token === undefined) return sendPage(visit, await showSignIn(portero, visit))
  const session = await readToken(portero, token)
  if (session === undefined) return sendPage(visit, renderDeadTokenPage(visit.look, visit), 401)

  const identity = await portero.identify(visit.request.headers)
  const isSomebodyElse = identity !== undefined && identity.session.person.id !== session.person.id
  if (!isSomebodyElse && !isFromElsewhere(visit)) return signIn(portero, visit, session, identity)
  return sendPage(
    visit,
    renderConfirmPage(visit.look, {
      account: { name: session.person.name, phone: session.phone },
      current: isSomebodyElse
        ? { name: identity.session.person.name, phone: identity.session.phone }
        : undefined,
      token,
      returnTo: visit.returnTo,
    }),
  )
}

/** `POST /signin`: the same, after the button of the page that asked. */
export async function postTokenSignIn(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const session = await readToken(portero, textOf(visit.request.body, 'token') ?? '')
  if (session === undefined) return sendPage(visit, renderDeadTokenPage(visit.look, visit), 401)
  return signIn(portero, visit, session, await portero.identify(visit.request.headers))
}

async function readToken(portero: PagesNeeds, token: string): Promise<Session | undefined> {
  if (token === '' || token.length > tokenLengthMax) return undefined
  return await portero.readSigninToken(token)
}

async function signIn(
  portero: PagesNeeds,
  visit: Visit,
  session: Session,
  identity: Identity | undefined,
): Promise<FastifyReply> {
  // The session that this browser was in would live on without anybody holding it.
  if (identity !== undefined && identity.session.id !== session.id) {
    await endQuietly(portero, { personId: identity.session.person.id, sessionId: identity.session.id })
  }
  visit.reply.header('set-cookie', portero.sessionCookies(session, portero.issueAccessToken(session).token))
  visit.reply.header('set-cookie', expiredAppCookies(portero, visit))
  return sendOnward(portero, visit, visit.returnTo)
}

/** A sibling host of the same site counts as elsewhere too. Old browsers do not say; they are believed. */
function isFromElsewhere({ request }: Visit): boolean {
  const site = request.headers['sec-fetch-site']
  return site !== undefined && site !== 'none' && site !== 'same-origin'
}
