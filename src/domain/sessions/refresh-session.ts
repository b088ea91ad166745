import { Refusal } from '../errors.ts'
import type { AccessTokens } from '../tokens/access-token.ts'
import type { Keyring } from '../tokens/keyring.ts'
import { readRefreshToken } from '../tokens/refresh-token.ts'
import { type HandedOut, handedOut } from './handed-out.ts'
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

/** Trades a refresh token for the next one and an access token. Refuses with `invalid_token`; a token used twice ends its session. */
export async function refreshSession(needs: Needs, token: string): Promise<HandedOut> {
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
  return handedOut(needs, session)
}
