import type { Config } from '../../config/config.ts'
import { isDemo } from '../../config/demo.ts'
import { type Finding, fault, ok, unseen, warning } from './finding.ts'
import { jsonIn, look } from './look.ts'

/** What of a client's own forwarding headers came to Portero, seen by its answers to requests through the public address. */
export type ForwardingSeen =
  /** Nobody answers there, or Portero does not look at the scheme (`listen.insecure`). */
  | 'unseen'
  /** Already an honest request by https is taken for one by plain http. */
  | 'scheme_lost'
  /** A forged `X-Forwarded-Proto` came through. */
  | 'scheme_forged'
  /** Nothing forged showed. Of `X-Forwarded-For` alone nothing ever shows in an answer. */
  | 'sound'

/** Whether somebody is in front of Portero: it speaks plain http itself, on its own port. */
export function isProxied({ public_url, listen }: Pick<Config, 'public_url' | 'listen'>): boolean {
  if (public_url === undefined) return false
  const { protocol, port } = new URL(public_url)
  return protocol === 'https:' || (listen.port !== 0 && Number(port || 80) !== listen.port)
}

/** TEST-NET-3 of RFC 5737: nobody's address, and never this machine's. */
const strangersAddress = '203.0.113.9'

/**
 * Tries forged headers through the public address, on an address of Portero's that refuses plain http and changes nothing.
 * Portero believes the nearest proxy: where a forged scheme takes effect, the proxy handed it on.
 */
export async function lookAtForwarding(config: Config): Promise<ForwardingSeen> {
  const { public_url, listen } = config
  if (public_url === undefined || listen.insecure || isDemo(config).demo) return 'unseen'
  const refusalWith = async (headers: Record<string, string>) => {
    const seen = await look(`${public_url}/_portero/api/token/refresh`, {
      method: 'POST',
      json: { refresh_token: 'none' },
      headers,
    })
    return jsonIn(seen)?.code
  }
  const honest = await refusalWith({})
  if (honest === 'insecure_transport') return 'scheme_lost'
  if (honest !== 'invalid_token') return 'unseen'
  const asStranger = { 'x-forwarded-proto': 'http', 'x-forwarded-for': strangersAddress }
  // Plain http would be refused to this address, and not to one of this machine.
  return (await refusalWith(asStranger)) === 'insecure_transport' ? 'scheme_forged' : 'sound'
}

/** Whether Portero believes about addresses whom it should, and nobody else. */
export function judgeForwarding(config: Config, seen: ForwardingSeen): Finding[] {
  const { public_url, listen } = config
  const boundless = listen.trusted_proxies.filter((network) => /\/0+$/.test(network))
  if (boundless.length > 0) {
    return [
      fault(
        `listen.trusted_proxies holds ${boundless.join(', ')}: everybody can claim any address, and no limit per address holds.`,
        'Name the address of the proxy alone, such as listen.trusted_proxies: [127.0.0.1] (PORTERO_LISTEN__TRUSTED_PROXIES=127.0.0.1)',
      ),
    ]
  }
  if (public_url === undefined) return []
  const isTrusting = listen.trusted_proxies.length > 0
  if (!isProxied(config)) {
    if (!isTrusting) return [ok('Nobody is in front of Portero, and forwarded headers count from nobody.')]
    return [
      warning(
        'listen.trusted_proxies is set, but the public address leads straight to Portero.',
        'If no proxy is in front, take listen.trusted_proxies (PORTERO_LISTEN__TRUSTED_PROXIES) away; if there is one, name its address in public_url.',
      ),
    ]
  }
  if (!isTrusting) {
    return [
      warning(
        'A proxy is in front, and listen.trusted_proxies is empty: all people seem to come from the proxy and share one budget.',
        'Name it: listen.trusted_proxies: [<address of the proxy>] (PORTERO_LISTEN__TRUSTED_PROXIES)',
      ),
    ]
  }
  return [judgeSeen(seen)]
}

const byHand =
  'By hand: ask for a code from another machine, with the header "X-Forwarded-For: 203.0.113.9"; the newest address in portero.access_log has to be that machine\'s.'

function judgeSeen(seen: ForwardingSeen): Finding {
  switch (seen) {
    case 'unseen':
      return unseen(
        'Whether the proxy overwrites X-Forwarded-For and X-Forwarded-Proto cannot be seen from here.',
        byHand,
      )
    case 'scheme_lost':
      return fault(
        'Portero takes sign-ins through the proxy for plain http and refuses them.',
        'Let the proxy set X-Forwarded-Proto (nginx: proxy_set_header X-Forwarded-Proto $scheme;), and name its address in listen.trusted_proxies (PORTERO_LISTEN__TRUSTED_PROXIES)',
      )
    case 'scheme_forged':
      return fault(
        'The proxy hands on the X-Forwarded-Proto that a client wrote, and perhaps X-Forwarded-For: then everybody can claim any address.',
        'Let it overwrite both (nginx: proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;)',
      )
    case 'sound':
      return ok(
        'The proxy overwrites a forged X-Forwarded-Proto; whether X-Forwarded-For too cannot be seen.',
      )
  }
}
