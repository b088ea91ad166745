import { flowCookie, type HeldChallenge } from '../http/flow-cookie.ts'
import type { Visit } from './visit.ts'

/** From now on this browser holds a challenge; without one it lets go of any. */
export function holdChallenge({ reply, names, isSecure }: Visit, held: HeldChallenge | undefined): void {
  reply.header('set-cookie', flowCookie({ cookieNames: names, isSecure }, held))
}
