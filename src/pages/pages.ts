import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'
import { Refusal } from '../domain/errors.ts'
import { requireSameOrigin } from '../http/same-origin.ts'
import {
  getAccount,
  getName,
  getSignedOut,
  getSignOut,
  postEndSession,
  postForgetDevice,
  postName,
  postSignOut,
} from './account.ts'
import { getHandOff } from './hand-off.ts'
import { getLink, postLink } from './link-sign-in.ts'
import { brandOf, type Look } from './look.ts'
import type { PagesNeeds } from './needs.ts'
import { pageHeaders } from './page-headers.ts'
import { paths } from './parts.ts'
import { problemPage } from './problem-page.ts'
import { showSignIn } from './sign-in.ts'
import { postCode, postPhone, postResend, postRestart } from './sign-in-posts.ts'
import { getTokenSignIn, postTokenSignIn } from './token-sign-in.ts'
import { openVisit, sendPage, type Visit } from './visit.ts'
import { getWhatsapp, postWhatsapp } from './whatsapp.ts'
import { getWho, postWho } from './who.ts'

type Handler = (portero: PagesNeeds, visit: Visit) => Promise<FastifyReply>

/** Everything a person sees of the sign-in, as a Fastify plugin: `app.register(pages, needs)`. */
export async function pages(app: FastifyInstance, portero: PagesNeeds): Promise<void> {
  const { settings } = portero
  const brand = brandOf({ ...settings.brand, logo: settings.logo === undefined ? undefined : paths.logo })
  const headers = pageHeaders(brand)

  // Forms alone: a page of another site can send text and JSON-like text without asking first.
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers)
    if (request.method === 'POST') requireSameOrigin(request.headers, [portero.originOf(request.raw)])
  })
  app.setErrorHandler(async (thrown: FastifyError | Refusal, request, reply) => {
    const here = request.method === 'POST' ? paths.signIn : undefined
    const look: Look = { ...lookAt(() => openVisit(portero, brand, request, reply)), here }
    const problem = problemPage(
      { log: portero.log, newReference: () => portero.referenceOf(request.raw) },
      look,
      asRefusal(thrown),
    )
    return reply.code(problem.status).headers(problem.headers).send(problem.body)
  })

  const on = (method: 'GET' | 'POST', url: string, handler: Handler) =>
    app.route({
      method,
      url,
      handler: (request, reply) => handler(portero, openVisit(portero, brand, request, reply)),
    })
  on('GET', paths.signIn, async (needs, visit) => sendPage(visit, await showSignIn(needs, visit)))
  on('POST', paths.phone, postPhone)
  on('POST', paths.code, postCode)
  on('POST', paths.resend, postResend)
  on('POST', paths.restart, postRestart)
  on('GET', paths.name, getName)
  on('POST', paths.name, postName)
  on('GET', paths.who, getWho)
  on('POST', paths.who, postWho)
  on('POST', paths.whatsapp, postWhatsapp)
  on('GET', paths.whatsapp, getWhatsapp)
  on('GET', `${paths.link}/:token`, getLink)
  on('POST', `${paths.link}/:token`, postLink)
  on('GET', paths.token, getTokenSignIn)
  on('POST', paths.token, postTokenSignIn)
  on('GET', paths.account, getAccount)
  on('POST', paths.endSession, postEndSession)
  on('POST', paths.forgetDevice, postForgetDevice)
  on('POST', paths.signOut, postSignOut)
  on('GET', paths.signOut, getSignOut)
  on('GET', paths.handOff, getHandOff)
  on('GET', paths.signedOut, getSignedOut)
  if (settings.logo !== undefined) logoRoute(app, settings.logo)

  function lookAt(open: () => Visit): Look {
    try {
      return open().look
    } catch {
      // What cannot be read chooses no language.
      return { locale: settings.defaultLocale, brand, demo: settings.demo, here: undefined }
    }
  }
}

function logoRoute(app: FastifyInstance, logo: { contentType: string; bytes: Buffer }): void {
  app.get(paths.logo, async (_, reply) =>
    reply
      .header('content-type', logo.contentType)
      .header('cache-control', 'public, max-age=3600')
      // An SVG that is opened by itself is a document, and could hold a script.
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
      .send(logo.bytes),
  )
}

/** What Fastify refuses before a handler runs, in our words; anything else is a bug and stays one. */
function asRefusal(thrown: FastifyError | Refusal): unknown {
  if (thrown instanceof Refusal) return thrown
  if (thrown.statusCode === 413) return new Refusal('too_large')
  const isClients = thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500
  return isClients ? new Refusal('invalid_request', {}, thrown) : thrown
}
