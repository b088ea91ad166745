import type { AnswerInPlace } from './answer-in-place.ts'
import { jsonObject } from './answer-text.ts'
import type { AppAnswer, AppCall } from './call.ts'

/** Where the page of Open WebUI signs out. */
export const signOutPath = '/api/v1/auths/signout'

/** What the browser sent along, as it came. */
export type SignOutCredentials = {
  readonly cookie: string | undefined
  readonly authorization: string | undefined
}

/** The page waits for this answer before it goes anywhere. */
const timeoutMs = 5_000

/** Takes the cookie away wherever it was set with Open WebUI's usual attributes. */
const expiredToken = 'token=; Max-Age=0; Path=/; HttpOnly; SameSite=lax'

/**
 * Signs a browser out of Open WebUI and answers as it does, except that its page goes on to `redirectUrl`. Never rejects:
 * when Open WebUI does not answer, or fails, the answer still takes the cookie `token` away and leads to the same place.
 */
export async function signOutAnswer(
  call: AppCall,
  { cookie, authorization }: SignOutCredentials,
  redirectUrl: string,
): Promise<AnswerInPlace> {
  const headers: Record<string, string> = {}
  if (cookie !== undefined) headers.cookie = cookie
  if (authorization !== undefined) headers.authorization = authorization
  const answer = await call({ method: 'POST', path: signOutPath, headers, timeoutMs }).catch(() => undefined)
  const told = answer?.status === 200 ? jsonObject(answer) : undefined
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ...cookiesOf(told === undefined ? undefined : answer).map((line) => ['Set-Cookie', line] as const),
    ],
    body: JSON.stringify({ status: true, ...told, redirect_url: redirectUrl }),
  }
}

function cookiesOf(answer: AppAnswer | undefined): readonly string[] {
  const lines = answer?.setCookies ?? []
  return lines.some((line) => line.startsWith('token=')) ? lines : [expiredToken, ...lines]
}
