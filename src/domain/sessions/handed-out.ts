import type { AccessTokens } from '../tokens/access-token.ts'
import type { Keyring } from '../tokens/keyring.ts'
import { refreshToken } from '../tokens/refresh-token.ts'
import type { Session } from './session.ts'

/** A session with the tokens by which a program uses it. */
export type HandedOut = {
  readonly session: Session
  /** Signed JWT, `expiresInSeconds` long. */
  readonly accessToken: string
  readonly expiresInSeconds: number
  readonly refreshToken: string
}

/** The tokens of a session in its present generation. */
export function handedOut(
  { accessTokens, keyring }: { readonly accessTokens: AccessTokens; readonly keyring: Keyring },
  session: Session,
): HandedOut {
  const { token, expiresInSeconds } = accessTokens.issue(session)
  return {
    session,
    accessToken: token,
    expiresInSeconds,
    refreshToken: refreshToken(keyring, session.id, session.generation),
  }
}
