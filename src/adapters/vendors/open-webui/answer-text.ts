import { Refusal } from '../../../domain/errors.ts'
import type { AppAnswer } from './call.ts'

type Body = Pick<AppAnswer, 'body'>

/** An answer's JSON object; undefined when it is something else, such as the page that stands at every unknown path. */
export function jsonObject(answer: Body): Readonly<Record<string, unknown>> | undefined {
  const value = jsonValue(answer)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** An answer's JSON; undefined when it is none. */
export function jsonValue(answer: Body): unknown {
  try {
    return JSON.parse(answer.body)
  } catch {
    return undefined
  }
}

/** The sentence with which Open WebUI explains a refusal. */
export function detailOf(answer: Body): string | undefined {
  const detail = jsonObject(answer)?.detail
  return typeof detail === 'string' ? detail : undefined
}

/**
 * The refusal for an answer that is none of the expected: `upstream_unreachable` for 502, 503 and 504, by which a program or
 * a proxy before it says that it cannot just now, else `app_answer_unknown`. Its cause quotes status and explanation alone.
 */
export function unexpected(answer: AppAnswer, what: string): Refusal {
  const detail = detailOf(answer)?.slice(0, 200)
  const told = detail === undefined ? '' : ` (“${detail}”)`
  const cause = new Error(`Open WebUI answered ${what} with ${answer.status}${told}.`)
  const isAway = answer.status >= 502 && answer.status <= 504
  return new Refusal(isAway ? 'upstream_unreachable' : 'app_answer_unknown', {}, cause)
}
