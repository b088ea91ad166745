import type { Config } from '../../config/config.ts'
import { jwks } from '../../domain/tokens/jwks.ts'
import type { Keyring } from '../../domain/tokens/keyring.ts'
import { isLoopbackHost } from '../../lib/web-url.ts'
import { type Finding, fault, ok, unseen, warning } from './finding.ts'
import { jsonIn, type Look, look } from './look.ts'

/** What stands behind an address: this Portero, one of another installation, something else, or nobody. */
export type Behind = 'this' | 'unproved' | 'other' | 'stranger' | { readonly failure: string }

const setting = 'public_url (PORTERO_PUBLIC_URL)'

/** Where this Portero listens, as a program on this machine reaches it; undefined for a port that it chooses at its start. */
export function localAddress({ host, port }: Config['listen']): string | undefined {
  if (port === 0) return undefined
  const here = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${here.includes(':') ? `[${here}]` : here}:${port}`
}

/** Looks who answers at an address; only its keys, where they can be read, tell this Portero from another one. Never rejects. */
export async function whoAnswers(origin: string, keyring: Keyring | undefined): Promise<Behind> {
  const health = await look(`${origin}/_portero/health`)
  if ('failure' in health) return { failure: health.failure }
  if (health.status !== 200 || jsonIn(health)?.status !== 'ok') return 'stranger'
  const keys = keyIdsIn(await look(`${origin}/_portero/jwks.json`))
  if (keys === undefined) return 'stranger'
  if (keyring === undefined) return 'unproved'
  const [own] = jwks(keyring).keys
  return keys.some(({ x, y }) => x === own!.x && y === own!.y) ? 'this' : 'other'
}

function keyIdsIn(seen: Look): readonly { x?: unknown; y?: unknown }[] | undefined {
  const keys = jsonIn(seen)?.keys
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'object' && key !== null) : undefined
}

/** Whether the address that people open leads to this Portero. `outside` is who answers there, `here` who answers where it listens. */
export function judgePublicAddress(
  config: Pick<Config, 'public_url'>,
  outside: Behind | undefined,
  here: Behind | undefined,
): Finding[] {
  const { public_url } = config
  if (public_url === undefined || outside === undefined) {
    return [ok('There is no public address: this is a demo, for those who know where it listens.')]
  }
  return [...judgeScheme(public_url), judgeOutside(public_url, outside, here)]
}

/** Whether what answers where Portero listens is Portero. */
export function judgeHere(here: Behind | undefined, address: string | undefined): Finding {
  if (here === undefined || address === undefined) {
    return unseen('Whether Portero runs cannot be seen: it takes a free port (listen.port is 0).')
  }
  if (here === 'this' || here === 'unproved') return ok(`Portero answers on ${address}.`)
  if (here === 'other' || here === 'stranger') {
    return fault(
      `Not this Portero but ${here === 'other' ? 'one with other keys' : 'another program'} answers on ${address}.`,
      'Stop that program, or set listen.port (PORT).',
    )
  }
  return warning(
    `Portero does not answer on ${address}.`,
    'Start it: portero serve. In a container, run doctor in the same one.',
  )
}

function judgeScheme(publicUrl: string): Finding[] {
  const { protocol, hostname } = new URL(publicUrl)
  if (protocol === 'https:') return []
  if (isLoopbackHost(hostname))
    return [ok("The public address is this machine's own: for a try, nobody else can open it.")]
  return [
    warning(
      'The public address is plain http: codes and sessions can be read along the way.',
      `Put a proxy with TLS in front, set ${setting} to its https address, and take listen.insecure away.`,
    ),
  ]
}

function judgeOutside(publicUrl: string, behind: Behind, here: Behind | undefined): Finding {
  if (behind === 'this') return ok(`${publicUrl} leads to this Portero.`)
  if (behind === 'unproved')
    return unseen(`${publicUrl} leads to a Portero; without its keys there is no telling which.`)
  if (behind === 'other') {
    return fault(
      `${publicUrl} leads to a Portero with other keys.`,
      `Correct ${setting}, or point its proxy at this Portero; several processes of one installation need the same keys.secrets.`,
    )
  }
  if (behind === 'stranger') {
    return fault(
      `${publicUrl} does not lead to Portero: /_portero/health is answered by something else.`,
      `Let the proxy pass /_portero/ to Portero, or correct ${setting}.`,
    )
  }
  return judgeFailure(publicUrl, behind.failure, here)
}

function judgeFailure(publicUrl: string, code: string, here: Behind | undefined): Finding {
  const isRunning = here === 'this' || here === 'unproved'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return fault(
      `The name in ${publicUrl} cannot be resolved.`,
      `Make its DNS record, or correct ${setting}.`,
    )
  }
  if (/^ERR_SSL_|^EPROTO$/.test(code)) {
    return fault(
      `What listens at ${publicUrl} does not speak TLS as it should (${code}).`,
      `Let the proxy end TLS on that port, or correct ${setting}.`,
    )
  }
  if (isCertificateFault(code)) {
    return fault(
      `The certificate of ${publicUrl} is not accepted (${code}).`,
      'Renew it, or let the proxy send the whole chain. One of your own making: NODE_EXTRA_CA_CERTS=<its file> lets this command know it.',
    )
  }
  if (!isRunning) {
    return unseen(
      `${publicUrl} does not answer (${code}), and Portero does not run.`,
      'Start Portero and ask again.',
    )
  }
  if (code === 'ECONNREFUSED') {
    return fault(
      `Nobody listens at ${publicUrl}.`,
      `Start the proxy, or correct ${setting}; without a proxy it has to name listen.port.`,
    )
  }
  // Many routers do not lead a machine back to itself by its public address.
  return warning(
    `${publicUrl} cannot be reached from here (${code}).`,
    'Open it from another machine. If it does not answer there either, look at firewall, router and proxy.',
  )
}

/** Codes of OpenSSL's verification, and Node's own for a name that does not fit. */
function isCertificateFault(code: string): boolean {
  return /CERT|CRL|UNABLE_TO_|HOSTNAME/.test(code)
}
