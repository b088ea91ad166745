import type { AppSession } from '../../../domain/upstream/app-accounts.ts'
import { jsonObject } from './answer-text.ts'
import type { AppCall } from './call.ts'
import { serviceIdentity } from './service-account.ts'
import { signIn } from './sign-in.ts'

/** Which of the other headers Open WebUI reads, tried on Portero's own account. */
export type HeadersRead = {
  readonly isRoleRead: boolean
  /** Whether it was read when the account was made: later it is not looked at. */
  readonly wasNameRead: boolean
}

type Needs = {
  readonly call: AppCall
  /** Of Portero's own account. */
  readonly serviceEmail: string
}

/**
 * Looks whether the role header counts. The first account is administrator whatever the header says, so Portero's own becomes an
 * ordinary user for a moment and administrator again: whoever uses it meanwhile is refused once, and signs in again.
 * Rejects as `AppAccounts.signIn` does.
 */
export async function probeHeaders({ call, serviceEmail }: Needs): Promise<HeadersRead> {
  const own = serviceIdentity(serviceEmail)
  const lowered = await signIn(call, { ...own, role: 'user' })
  const raise = () => signIn(call, own)
  const raised = await raise().catch(raise)
  return {
    isRoleRead: lowered.role === 'user' && raised.role === 'admin',
    wasNameRead: nameIn(raised) !== serviceEmail,
  }
}

function nameIn({ answer }: AppSession): unknown {
  return jsonObject({ body: answer })?.name
}
