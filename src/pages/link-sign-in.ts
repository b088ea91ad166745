import type { FastifyReply } from 'fastify'
import { isRefusal } from '../domain/errors.ts'
import { statusOf } from '../http/problem.ts'
import { isOnlyLooking } from './is-only-looking.ts'
import { renderDeadLinkPage, renderLinkPage } from './link-page.ts'
import type { PagesNeeds } from './needs.ts'
import { paths } from './parts.ts'
import { renderPreviewPage } from './token-pages.ts'
import { sendPage, textOf, type Visit } from './visit.ts'
import { welcome } from './welcome.ts'

/**
 * `GET /_portero/l/<token>`: whose account a link of the bot opens, and a button. Nothing is spent and no cookie is set, however
 * often it is fetched; who only looks sees a page that names nobody.
 */
export async function getLink(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const look = withoutLanguages(visit)
  if (isOnlyLooking(visit)) return sendPage(visit, renderPreviewPage(look))
  const token = tokenOf(visit)
  const account = await portero.readLink(token, portero.callerOf(visit.request.raw))
  if (account === undefined) return sendDead(visit)
  const session = (await portero.identify(visit.request.headers))?.session
  const isSame = session === undefined || session.person.id === account.personId
  const current = isSame ? undefined : { name: session.person.name, phone: session.phone }
  return sendPage(visit, renderLinkPage(look, { account, current, action: `${paths.link}/${token}` }))
}

/** `POST /_portero/l/<token>`: spends the link, once, and signs this browser in. */
export async function postLink(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const identity = await portero.identify(visit.request.headers)
  try {
    const signedIn = await portero.redeemLink(tokenOf(visit), {
      caller: portero.callerOf(visit.request.raw),
      isShared: textOf(visit.request.body, 'shared') !== undefined,
      replacesSessionId: identity?.session.id,
    })
    // Whose account it is stood on the page: nobody is asked once more who of their phone they are.
    return welcome(portero, visit, { ...signedIn, others: [] })
  } catch (thrown) {
    if (isRefusal(thrown, 'invalid_token')) return sendDead(visit)
    throw thrown
  }
}

function sendDead(visit: Visit): FastifyReply {
  return sendPage(visit, renderDeadLinkPage(withoutLanguages(visit)), statusOf('invalid_token'))
}

function tokenOf({ request }: Visit): string {
  return (request.params as { token: string }).token
}

/** The token must not stand in further links of the page, where it could be copied or sent on by mistake. */
function withoutLanguages({ look }: Visit): Visit['look'] {
  return { ...look, here: undefined }
}
