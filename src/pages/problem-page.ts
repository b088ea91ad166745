import { Refusal } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { type Problem, problemOf } from '../http/problem.ts'
import type { Look } from './look.ts'
import { pageHeaders } from './page-headers.ts'
import { renderRefusalPage } from './refusal-page.ts'

type Needs = { readonly log: Log; readonly newReference: () => string }

/**
 * The answer to anything thrown, for somebody in front of a browser: the status, log line and reference of
 * `problemOf`, as a page. `www-authenticate` stays out, which is for programs.
 */
export function problemPage({ log, newReference }: Needs, look: Look, thrown: unknown): Problem {
  const reference = newReference()
  const problem = problemOf({ log, newReference: () => reference }, thrown)
  const code = thrown instanceof Refusal ? thrown.code : 'internal'
  const retryAfter = problem.headers['retry-after']
  return {
    status: problem.status,
    headers: {
      ...pageHeaders(look.brand),
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    },
    body: renderRefusalPage(look, { code, reference }),
  }
}
