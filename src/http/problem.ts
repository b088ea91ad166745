import type { ServerResponse } from 'node:http'
import { Refusal, type RefusalCode, type RefusalKind, refusals } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'

export type ProblemNeeds = {
  readonly log: Log
  /** A short random reference, new at each call. */
  readonly newReference: () => string
}

/** An answer of `application/problem+json` (RFC 9457), as data. */
export type Problem = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const statusOfKind: Readonly<Record<RefusalKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  unavailable: 503,
}

/** Where HTTP has a more exact word than the kind. */
const statusOfCode: Partial<Record<RefusalCode, number>> = {
  request_timeout: 408,
  headers_too_large: 431,
  upstream_unreachable: 502,
  upstream_timeout: 504,
}

/** Seconds to wait where a refusal does not say it itself. */
const retryUnavailableSeconds = 2

/** The HTTP status that a refusal answers with. */
export function statusOf(code: RefusalCode): number {
  return statusOfCode[code] ?? statusOfKind[refusals[code].kind]
}

/**
 * The answer to anything thrown. A refusal says what it is; anything else is a bug: a fixed text and a reference outside,
 * the thing itself in the log only.
 */
export function problemOf(needs: ProblemNeeds, thrown: unknown): Problem {
  const reference = needs.newReference()
  if (!(thrown instanceof Refusal)) {
    needs.log.error({ reference, err: thrown }, 'a request failed by a bug')
    return {
      status: 500,
      headers: fixedHeaders,
      body: JSON.stringify({
        type: 'about:blank',
        title: 'Internal error',
        status: 500,
        detail: 'Something went wrong inside Portero. Give the operator this reference.',
        code: 'internal_error',
        reference,
      }),
    }
  }
  const status = statusOf(thrown.code)
  if (status >= 500) {
    needs.log.warn({ reference, code: thrown.code, err: thrown.cause }, 'a request could not be served')
  }
  const retryAfter = thrown.facts.retryAfterSeconds ?? (status === 503 ? retryUnavailableSeconds : undefined)
  return {
    status,
    headers: headersOf(status, retryAfter),
    body: JSON.stringify({
      type: `urn:portero:refusal:${thrown.code}`,
      title: titleOf(thrown.code),
      status,
      detail: thrown.message,
      code: thrown.code,
      reference,
      retry_after: retryAfter,
      fields: thrown.facts.fields,
    }),
  }
}

/** Answers anything thrown as a problem. After the headers have gone out, only closing the connection tells the truth. */
export function sendProblem(
  needs: ProblemNeeds,
  res: ServerResponse,
  thrown: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (res.headersSent || res.destroyed) {
    if (!(thrown instanceof Refusal)) needs.log.error({ err: thrown }, 'an answer broke off by a bug')
    res.destroy()
    return
  }
  const problem = problemOf(needs, thrown)
  res.writeHead(problem.status, {
    ...problem.headers,
    ...headers,
    'content-length': Buffer.byteLength(problem.body),
  })
  res.end(problem.body)
}

const fixedHeaders: Readonly<Record<string, string>> = {
  'content-type': 'application/problem+json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

// RFC 9110 §11.6.1: a 401 names a way to sign in. This one makes no browser ask for a password.
const unauthenticatedHeaders = { ...fixedHeaders, 'www-authenticate': 'Bearer realm="portero"' }

function headersOf(status: number, retryAfterSeconds: number | undefined): Readonly<Record<string, string>> {
  const headers = status === 401 ? unauthenticatedHeaders : fixedHeaders
  if (retryAfterSeconds === undefined) return headers
  return { ...headers, 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }
}

function titleOf(code: RefusalCode): string {
  const words = code.replaceAll('_', ' ')
  return words[0]!.toUpperCase() + words.slice(1)
}
