import { Refusal } from '../domain/errors.ts'
import { type Problem, type ProblemNeeds, problemOf } from '../http/problem.ts'
import type { Look } from './look.ts'
import { pageHeaders } from './page-headers.ts'
import { renderRefusalPage } from './refusal-page.ts'

/**
 * The answer to anything thrown, for somebody in front of a browser: the status, log line and reference of
 * `problemOf`, as a page. `www-authenticate` stays out, which is for programs.
 */
export function problemPage(
  needs: ProblemNeeds,
  look: Look,
  thrown: unknown,
  reference: string = needs.newReference(),
): Problem {
  const problem = problemOf({ ...needs, newReference: () => reference }, thrown)
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
