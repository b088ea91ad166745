import { isSameText } from '../same-text.ts'

/**
 * The challenge to answer when Meta asks whether a webhook is really wanted (`hub.mode=subscribe`); undefined when it is not, or
 * when somebody else asks. Only short words are given back, so that nobody can make a page of the answer.
 */
export function subscriptionChallenge(query: URLSearchParams, verifyToken: string): string | undefined {
  const [mode, token, challenge] = ['hub.mode', 'hub.verify_token', 'hub.challenge'].map((name) => {
    const values = query.getAll(name)
    return values.length === 1 ? values[0]! : ''
  }) as [string, string, string]
  const isKnown = isSameText(token, verifyToken)
  return isKnown && mode === 'subscribe' && /^[\w-]{1,128}$/.test(challenge) ? challenge : undefined
}
