import type { AccessTokens } from '../tokens/access-token.ts'
import type { Session } from './session.ts'
import type { SessionDirectory } from './session-directory.ts'

/** A link with a token in it is for now; tokens stay in histories and logs. */
const freshSeconds = 300

type Needs = { accessTokens: AccessTokens; sessionDirectory: SessionDirectory; now: () => number }

/** The living session of a token issued at most five minutes ago; undefined for any other text. Spends nothing. */
export async function readSigninToken(needs: Needs, token: string): Promise<Session | undefined> {
  const claims = needs.accessTokens.read(token)
  if (claims === undefined || needs.now() / 1000 - claims.issuedAtSeconds > freshSeconds) return undefined
  return await needs.sessionDirectory.find(claims.sessionId)
}
