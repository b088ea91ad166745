import type { IncomingMessage } from 'node:http'
import type { Caller } from '../domain/access/caller.ts'
import { Refusal } from '../domain/errors.ts'
import {
  addressKeys,
  canonicalAddress,
  clientAddress,
  networkFactor,
  type TrustedProxies,
} from './client-address.ts'
import { type CookieNames, parseCookies } from './cookies.ts'

type Needs = {
  trustedProxies: TrustedProxies
  networks: readonly { readonly cidr: string; readonly factor: number }[]
  /** Widens every address budget; a demo is tried by one person a hundred times over. */
  budgetFactor: number
  cookieNames: CookieNames
  referenceOf: (req: IncomingMessage) => string
}

const userAgentMax = 300

/**
 * Who asks. A program with an API key speaks for people elsewhere and may say where they are, in
 * `Portero-Client-Address`; anybody else's such header is ignored. Refuses with `invalid_request` one that is no address.
 */
export function callerOf(
  needs: Needs,
  req: IncomingMessage,
  door: Caller['door'],
  apiKeyId?: string,
): Caller {
  const client = clientAddress(req, needs.trustedProxies)
  const told = apiKeyId === undefined ? undefined : req.headers['portero-client-address']
  const address = told === undefined ? client.address : toldAddress(String(told))
  const keys = addressKeys(address)
  return {
    address,
    addressKey: keys.address,
    networkKey: keys.network,
    budgetFactor: needs.budgetFactor * networkFactor(address, needs.networks),
    port: told === undefined ? client.port : undefined,
    userAgent: req.headers['user-agent']?.slice(0, userAgentMax),
    door,
    reference: needs.referenceOf(req),
    apiKeyId,
    deviceToken: parseCookies(req.headers.cookie).get(needs.cookieNames.device),
  }
}

function toldAddress(text: string): string {
  const address = canonicalAddress(text.trim())
  if (address !== undefined) return address
  throw new Refusal('invalid_request', {
    fields: [{ field: 'Portero-Client-Address', expected: 'an IPv4 or IPv6 address' }],
  })
}
