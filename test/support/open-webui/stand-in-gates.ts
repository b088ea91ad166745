import type { IncomingMessage } from 'node:http'
import type { OpenWebuiSettings } from './settings.ts'
import type { StandInAccount, StandInAccounts } from './stand-in-accounts.ts'
import { headerOf, Refused, sentences, tokenOf } from './stand-in-request.ts'

export type StandInNeeds = { settings: OpenWebuiSettings; accounts: StandInAccounts }

/** Who asks, or a refusal in Open WebUI's words. */
export function standInGates({ settings, accounts }: StandInNeeds) {
  function account(req: IncomingMessage): StandInAccount {
    const token = tokenOf(req)
    if (token === undefined) throw new Refused(401, 'Not authenticated')
    const bearer = accounts.read(token)
    if (!('account' in bearer)) throw new Refused(401, bearer.refusal)
    const email = headerOf(req, settings.WEBUI_AUTH_TRUSTED_EMAIL_HEADER)?.toLowerCase()
    if (!token.startsWith('sk-') && email && email !== bearer.account.email) {
      throw new Refused(401, 'User mismatch. Please sign in again.')
    }
    return bearer.account
  }

  function administrator(req: IncomingMessage): StandInAccount {
    const asking = account(req)
    if (asking.role !== 'admin') throw new Refused(401, sentences.noPermission)
    return asking
  }

  function verified(req: IncomingMessage): StandInAccount {
    const asking = account(req)
    if (asking.role !== 'admin' && asking.role !== 'user') throw new Refused(401, sentences.noPermission)
    return asking
  }

  return { account, administrator, verified }
}
