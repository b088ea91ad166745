import { Refusal } from '../../../domain/errors.ts'
import type { AppIdentity, AppSession } from '../../../domain/upstream/app-accounts.ts'
import { unexpected } from './answer-text.ts'
import type { AppCall } from './call.ts'
import { signIn } from './sign-in.ts'

/** So long before its end a token counts as ended: clocks differ, and a request takes its time. */
const marginMs = 30_000

/** Who Portero itself is in Open WebUI. */
export function serviceIdentity(email: string): AppIdentity {
  return { email, name: 'Portero', role: 'admin', groups: undefined }
}

type Needs = {
  readonly call: AppCall
  /** Address of Portero's own account; nobody else may have it. */
  readonly serviceEmail: string
  /** In milliseconds since 1970. */
  readonly now: () => number
}

/**
 * Calls Open WebUI as Portero's own administrator. The account signs in by trusted header when it is first needed, again shortly
 * before its token ends, and once when the token is refused; callers at the same time share one sign-in. Rejects as `signIn` does,
 * and with `app_headers_off` when the account does not become administrator, since the role header is not read then.
 */
export function serviceAccount({ call, serviceEmail, now }: Needs): AppCall {
  let current: Promise<AppSession> | undefined
  let endsAt = 0

  function signedIn(refused?: Promise<AppSession>): Promise<AppSession> {
    if (current !== undefined && current !== refused && now() < endsAt) return current
    // Until it is known, a sign-in that is under way serves everybody.
    endsAt = Number.POSITIVE_INFINITY
    const mine = signInAsAdministrator()
    current = mine
    mine.then(
      (made) => {
        if (current === mine && made.endsAt !== undefined) endsAt = made.endsAt - marginMs
      },
      () => {
        if (current === mine) current = undefined
      },
    )
    return mine
  }

  async function signInAsAdministrator(): Promise<AppSession> {
    const made = await signIn(call, serviceIdentity(serviceEmail))
    if (made.role === 'admin') return made
    const cause = new Error("Open WebUI did not make Portero's own account an administrator.")
    throw new Refusal('app_headers_off', {}, cause)
  }

  return async (request) => {
    const withToken = async (session: Promise<AppSession>) => {
      const { token } = await session
      return call({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } })
    }
    const first = signedIn()
    const answer = await withToken(first)
    if (answer.status !== 401) return answer
    const second = await withToken(signedIn(first))
    if (second.status === 401) throw unexpected(second, "a request of Portero's own account")
    return second
  }
}
