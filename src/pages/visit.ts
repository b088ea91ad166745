import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../domain/errors.ts'
import { type CookieNames, cookieNames, parseCookies, serializeCookie } from '../http/cookies.ts'
import { type HeldChallenge, readFlowCookie } from '../http/flow-cookie.ts'
import { chooseLocale, localeOf } from '../http/locale.ts'
import { returnPath } from '../http/return-path.ts'
import type { Brand, Look } from './look.ts'
import type { PagesNeeds } from './needs.ts'
import { withQuery } from './parts.ts'

/** One request to a page, with what its cookies and its address say. */
export type Visit = {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly look: Look
  readonly names: CookieNames
  readonly cookies: ReadonlyMap<string, string>
  readonly isSecure: boolean
  /** Where the person was going; always a path of ours. */
  readonly returnTo: string
  readonly held: HeldChallenge | undefined
}

const languageCookieSeconds = 365 * 86_400

/** Reads a request; a language that it chooses is remembered in a cookie. */
export function openVisit(
  portero: PagesNeeds,
  brand: Brand,
  request: FastifyRequest,
  reply: FastifyReply,
): Visit {
  const isSecure = portero.isSecure(request.raw)
  const names = cookieNames(isSecure)
  const cookies = parseCookies(request.headers.cookie)
  const chosen = localeOf(textOf(request.query, 'lang'))
  const locale = chooseLocale(
    request.headers['accept-language'],
    [chosen, cookies.get(names.language)],
    portero.settings.defaultLocale,
  )
  if (chosen !== undefined) {
    const life = { maxAgeSeconds: languageCookieSeconds, isSecure }
    reply.header('set-cookie', serializeCookie(names.language, chosen, life))
  }
  const returnTo = returnPath(textOf(request.body, 'return') ?? textOf(request.query, 'return'))
  const { demo } = portero.settings
  const look = { locale, brand, demo, here: hereOf(request, returnTo) }
  return { request, reply, look, names, cookies, isSecure, returnTo, held: readFlowCookie(names, cookies) }
}

/** One field of a form or query; undefined when it is missing. Refuses a repeated one with `invalid_request`. */
export function textOf(fields: unknown, name: string): string | undefined {
  if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, name)) return undefined
  const value = (fields as Record<string, unknown>)[name]
  if (typeof value === 'string') return value
  throw new Refusal('invalid_request', { fields: [{ field: name, expected: 'one value' }] })
}

/** Answers with a page. */
export function sendPage({ reply }: Visit, text: string, status = 200): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(text)
}

/** Sends the browser on with a GET (RFC 9110 §15.4.4), so that a reload never repeats what was posted. */
export function sendOn({ reply }: Visit, path: string): FastifyReply {
  return reply.code(303).header('location', path).send()
}

/** The address of this page for its language links. What was posted, and a token, must not come back in one. */
function hereOf(request: FastifyRequest, returnTo: string): string | undefined {
  const path = request.url.split('?', 1)[0]!
  const query = (request.query ?? {}) as Record<string, unknown>
  if (request.method === 'POST' || Object.hasOwn(query, 'token')) return undefined
  const kept = ['edit', 'said', 'until', 'ref'].map((name) => [name, textOf(query, name)] as const)
  return withQuery(path, { ...Object.fromEntries(kept), return: returnTo })
}
