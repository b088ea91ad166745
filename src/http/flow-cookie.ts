import { type CookieNames, serializeCookie } from './cookies.ts'

/** The challenge that a browser holds: its id, and the secret that shows it. */
export type HeldChallenge = { readonly challengeId: string; readonly secret: string }

/** Longer than any challenge lives. */
const flowSeconds = 900

type Needs = { readonly cookieNames: CookieNames; readonly isSecure: boolean }

/** The `Set-Cookie` value by which a browser holds a challenge; without one, the value that lets go of it. */
export function flowCookie({ cookieNames, isSecure }: Needs, held: HeldChallenge | undefined): string {
  const value = held === undefined ? '' : `${held.challengeId}.${held.secret}`
  return serializeCookie(cookieNames.flow, value, {
    maxAgeSeconds: held === undefined ? 0 : flowSeconds,
    isSecure,
  })
}

/** The challenge that a browser says it holds, from its cookies; undefined for any other text. */
export function readFlowCookie(
  names: CookieNames,
  cookies: ReadonlyMap<string, string>,
): HeldChallenge | undefined {
  const [, challengeId, secret] = /^([\w-]{8,64})\.([\w-]{8,128})$/.exec(cookies.get(names.flow) ?? '') ?? []
  return challengeId === undefined || secret === undefined ? undefined : { challengeId, secret }
}
