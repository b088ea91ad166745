import { Refusal } from '../../../domain/errors.ts'
import type { AppIdentity, AppSession } from '../../../domain/upstream/app-accounts.ts'
import { detailOf, jsonObject, unexpected } from './answer-text.ts'
import type { AppAnswer, AppCall } from './call.ts'
import { groupsHeader } from './groups-header.ts'

/** Where Open WebUI signs people in. */
export const signInPath = '/api/v1/auths/signin'

/** What its first line of defence says when the header is missing (`ERROR_MESSAGES.INVALID_TRUSTED_HEADER`). */
export const missesTrustedHeader = /trusted header/i

/** What it says in password mode to our empty body, or after some fifteen of them. */
const triesPassword = /email or password|API rate limit exceeded/i

/**
 * Open WebUI answers 409 when a revoke falls between its own two looks at the account, and as to a wrong password when the same
 * account is being made by another request; the next sign-in is good.
 */
const signInsMax = 3

/**
 * Signs in by trusted header. Rejects with `app_sign_in_off` (`ENABLE_PASSWORD_AUTH=false`), `app_headers_off` (the header is not
 * believed, or another account was signed in), `app_second_factor`, `app_answer_unknown`, `upstream_unreachable`, `upstream_timeout`.
 *
 * An address that could not be meant throws an error and is never sent: Open WebUI makes an account of whatever comes.
 */
export async function signIn(call: AppCall, identity: AppIdentity): Promise<AppSession> {
  const headers = signInHeaders(identity)
  for (let i = 1; ; i++) {
    const answer = await call({
      method: 'POST',
      path: signInPath,
      headers,
      json: { email: '', password: '' },
    })
    const isRace =
      answer.status === 409 || (answer.status === 400 && triesPassword.test(detailOf(answer) ?? ''))
    if (!isRace || i === signInsMax) return readSignIn(answer, identity)
  }
}

function signInHeaders(identity: AppIdentity): Record<string, string> {
  const { email, name, role, groups } = identity
  if (!/^[!-?A-~]+@[!-?A-~]+$/.test(email)) throw new Error('An account needs a plain address to sign in.')
  return {
    'x-portero-email': email,
    // Without a name the address would be shown in its place.
    'x-portero-name': encodeURIComponent((name.trim() || '?').toWellFormed()),
    ...(role === undefined ? {} : { 'x-portero-role': role }),
    ...(groups === undefined ? {} : { 'x-portero-groups': groupsHeader(groups) }),
  }
}

function readSignIn(answer: AppAnswer, identity: AppIdentity): AppSession {
  const told = jsonObject(answer)
  if (answer.status !== 200 || told === undefined) throw refusalOf(answer)
  const { token, id, role, email, expires_at: expiresAt, next_step: nextStep } = told
  if (token === undefined && nextStep !== undefined) {
    throw new Refusal('app_second_factor', {}, new Error(`Open WebUI asks for the step ${String(nextStep)}.`))
  }
  if (typeof token !== 'string' || token === '' || typeof id !== 'string' || typeof role !== 'string') {
    throw unexpected(answer, 'the sign-in, without token, id or role,')
  }
  // With WEBUI_AUTH=false everybody becomes one and the same administrator.
  if (email !== identity.email.toLowerCase()) {
    throw new Refusal('app_headers_off', {}, new Error('Open WebUI signed another account in.'))
  }
  return {
    accountId: id,
    role,
    cookies: answer.setCookies.filter((line) => line.startsWith('token=')),
    storage: { token },
    answer: answer.body,
    token,
    // In seconds there.
    endsAt: typeof expiresAt === 'number' ? expiresAt * 1000 : undefined,
  }
}

function refusalOf(answer: AppAnswer): Refusal {
  const detail = detailOf(answer) ?? ''
  const refusal = unexpected(answer, 'the sign-in')
  if (answer.status === 403) return new Refusal('app_sign_in_off', {}, refusal.cause)
  const isOff = (answer.status === 400 && missesTrustedHeader.test(detail)) || triesPassword.test(detail)
  return isOff && answer.status < 500 ? new Refusal('app_headers_off', {}, refusal.cause) : refusal
}
