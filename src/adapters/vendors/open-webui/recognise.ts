import { isRefusal, Refusal } from '../../../domain/errors.ts'
import { jsonObject, unexpected } from './answer-text.ts'
import type { AppAnswer, AppCall } from './call.ts'

/** Where Open WebUI tells everybody about itself. */
export const configPath = '/api/config'

/** Whether the application is an Open WebUI, by what it says now. Rejects with `upstream_unreachable` for 502 to 504, and as `call` does. */
export async function isOpenWebui(call: AppCall): Promise<boolean> {
  const answer = await call({ path: configPath, wantsJsonOnly: true }).catch((thrown: unknown) => {
    // More than an Open WebUI would ever say.
    if (isRefusal(thrown, 'app_answer_unknown')) return undefined
    throw thrown
  })
  if (answer === undefined) return false
  const isFromBefore = answer.status >= 502 && answer.status <= 504
  if (!isFromBefore) return readPublicConfig(answer) !== undefined
  // Said by whatever stands in front of an application that is away.
  throw new Refusal('upstream_unreachable', {}, unexpected(answer, 'the question for its kind').cause)
}

/** What an Open WebUI, under whatever name it goes, tells everybody; undefined for any other answer. */
export function readPublicConfig(answer: AppAnswer) {
  const told = answer.status === 200 ? jsonObject(answer) : undefined
  const { features, oauth, version } = told ?? {}
  if (told?.status !== true || typeof version !== 'string' || !isObject(features)) return undefined
  if (typeof features.auth !== 'boolean' || typeof features.auth_trusted_header !== 'boolean')
    return undefined
  const providers = isObject(oauth) && isObject(oauth.providers) ? Object.keys(oauth.providers) : []
  return { version, features, providers, isWithoutAccounts: told.onboarding === true }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
