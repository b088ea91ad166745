import type { FastifyRequest } from 'fastify'
import { Refusal } from '../domain/errors.ts'
import type { Session } from '../domain/sessions/session.ts'
import type { ApiNeeds } from './api-needs.ts'

/**
 * The session that a request speaks for. Refuses with `not_signed_in`, and with `invalid_token` when the request brings an
 * `Authorization` that is worth nothing here.
 */
export async function requireSession(
  needs: Pick<ApiNeeds, 'credentials'>,
  request: FastifyRequest,
): Promise<Session> {
  const identity = await needs.credentials.identify(request.headers)
  if (identity !== undefined) return identity.session
  throw new Refusal(request.headers.authorization === undefined ? 'not_signed_in' : 'invalid_token')
}
