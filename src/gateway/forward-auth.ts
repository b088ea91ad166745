import type { ServerResponse } from 'node:http'
import { Refusal } from '../domain/errors.ts'
import type { Identity } from '../http/credentials.ts'
import { type IdentityNeeds, pushIdentityHeaders } from '../http/identity-headers.ts'
import { type ProblemNeeds, sendProblem } from '../http/problem.ts'
import { refusalMarker } from './stranger.ts'

// Which page was asked for is the proxy's to know: the answer depends on these two headers alone.
const vary = 'Cookie, Authorization'
const refusedHeaders = { ...refusalMarker, vary }
const notSignedIn = new Refusal('not_signed_in')

/**
 * Answers a proxy that asks who a request is: 200 with every identity header and no body, or 401. Neither the method, nor
 * the query, nor a forwarded header changes the answer, for proxies pass on what a client wrote there; and it sets no
 * cookie, for some proxies keep the first one only and others none.
 */
export function answerForwardAuth(
  needs: IdentityNeeds & ProblemNeeds,
  res: ServerResponse,
  identity: Identity | undefined,
): void {
  if (identity === undefined) {
    sendProblem(needs, res, notSignedIn, refusedHeaders)
    return
  }
  const headers = ['Cache-Control', 'no-store', 'Vary', vary, 'Content-Length', '0']
  pushIdentityHeaders(needs, headers, identity.session)
  res.writeHead(200, headers)
  res.end()
}
