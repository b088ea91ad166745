import { Refusal } from '../errors.ts'
import type { AccessTokens } from '../tokens/access-token.ts'
import type { Keyring } from '../tokens/keyring.ts'
import { readRefreshToken, refreshToken } from '../tokens/refresh-token.ts'
import type { Session } from './session.ts'
import type { SessionDirectory } from './session-directory.ts'
import type { SessionStore } from './session-store.ts'

/** Within this, a second caller with the same token is the same client that did not wait. */
const replaySeconds = 30
/** Within this, it is the same client whose answer was lost, as long as nothing of that answer was ever used. */
const lostSeconds = 86_400

type Needs = {
  sessionStore: SessionStore
  sessionDirectory: SessionDirectory
  accessTokens: AccessTokens
  keyring: Keyring
}

export type Refreshed = {
  readonly session: Session
  readonly accessToken: string
  readonly expiresInSeconds: number
  readonly refreshToken: string
}

/** Trades a refresh token for the next one and an access token. Refuses with `invalid_token`; a token used twice ends its session. */
export async function refreshSession(needs: Needs, token: string): Promise<Refreshed> {
  const read = readRefreshToken(needs.keyring, token)
  if (read === undefined) throw new Refusal('invalid_token')
  const mark = needs.sessionDirectory.mark()
  const result = await needs.sessionStore.refreshSession(
    read.sessionId,
    read.generation,
    replaySeconds,
    lostSeconds,
  )
  if (result.outcome !== 'refreshed') {
    if (result.outcome === 'reused') needs.sessionDirectory.revoke({ sessionId: read.sessionId })
    throw new Refusal('invalid_token')
  }
  const { session } = result
  needs.sessionDirectory.remember(session, mark)
  const { token: accessToken, expiresInSeconds } = needs.accessTokens.issue(session)
  return {
    session,
    accessToken,
    expiresInSeconds,
    refreshToken: refreshToken(needs.keyring, session.id, session.generation),
  }
}
