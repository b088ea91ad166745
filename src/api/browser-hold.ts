import type { FastifyRequest } from 'fastify'
import { Refusal } from '../domain/errors.ts'
import type { Hold } from '../domain/otp/request-code.ts'
import { parseCookies } from '../http/cookies.ts'
import { type HeldChallenge, readFlowCookie } from '../http/flow-cookie.ts'
import type { ApiNeeds } from './api-needs.ts'

/**
 * Who may try the challenge that this request asks for, by who sends it. A page of ours: only its browser, by cookie. A
 * page of a listed origin, which can keep no cookie of ours: whoever has the challenge's id. A program: the same address or
 * key. Programs send neither `Origin` nor `Sec-Fetch-Site` (Node's own fetch sends `Sec-Fetch-Mode`, which says nothing).
 */
export function browserHold(needs: ApiNeeds, request: FastifyRequest): Hold {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (origin === undefined && site === undefined) return 'asker'
  return isListedOrigin(needs, origin) ? 'id' : 'browser'
}

/** Whether a page of this origin may call the API, besides our own. */
export function isListedOrigin(needs: Pick<ApiNeeds, 'config'>, origin: string | undefined): boolean {
  return origin !== undefined && needs.config.api.allowed_origins.includes(origin)
}

/** Lets browsers through only from pages of ours or of listed origins. Refuses with `origin_not_allowed`. */
export function requireKnownOrigin(needs: ApiNeeds, request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (isListedOrigin(needs, origin)) return
  const isOwn = origin === undefined ? undefined : needs.ownOrigins(request.raw).includes(origin)
  const isSiteOurs = site === undefined || site === 'same-origin' || (site === 'none' && origin === undefined)
  if (isOwn === false || !isSiteOurs) throw new Refusal('origin_not_allowed')
}

/** The challenge that this browser holds. */
export function heldBy(
  needs: Pick<ApiNeeds, 'cookieNames'>,
  request: FastifyRequest,
): HeldChallenge | undefined {
  return readFlowCookie(needs.cookieNames, parseCookies(request.headers.cookie))
}
