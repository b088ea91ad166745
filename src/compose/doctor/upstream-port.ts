import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import ipaddr from 'ipaddr.js'
import { type Finding, fault, ok, unseen, warning } from './finding.ts'
import { lookMs } from './look.ts'

type Needs = {
  readonly upstreamUrl: URL
  /** `os.networkInterfaces()`. */
  readonly interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>
  /** Whether the application believes headers: then whoever reaches its port can be anybody. */
  readonly believesHeaders: boolean
}

/** What of the way past Portero shows from here. */
export type PortSeen = {
  /** Where upstream.url leads; undefined when the name means nothing here. */
  readonly address: string | undefined
  /** Addresses of this machine for others, at which the port of an application on this machine answered. */
  readonly openAt: readonly string[]
  /** Whether the application is on this machine and so other addresses were tried. */
  readonly isHere: boolean
}

/** Tries the application's port on addresses of this machine at which others could reach it. */
export async function lookAtPort({
  upstreamUrl,
  interfaces,
}: Omit<Needs, 'believesHeaders'>): Promise<PortSeen> {
  const host = upstreamUrl.hostname.replace(/^\[|\]$/g, '')
  const address = await lookup(host).then(
    (found) => found.address,
    () => undefined,
  )
  const own = Object.values(interfaces).flatMap((list) => list ?? [])
  const isHere =
    address !== undefined && (kindOf(address) === 'loopback' || own.some((one) => one.address === address))
  if (!isHere) return { address, openAt: [], isHere }
  const port = Number(upstreamUrl.port || (upstreamUrl.protocol === 'https:' ? 443 : 80))
  const outer = own.filter((one) => !one.internal).map((one) => scoped(one))
  const isOpen = await Promise.all(outer.map((host) => answers(host, port)))
  return { address, openAt: outer.filter((_, i) => isOpen[i]), isHere }
}

/** A link-local IPv6 address means nothing without its link. */
function scoped({ address, family, scopeid }: NetworkInterfaceInfo): string {
  return family === 'IPv6' && scopeid !== undefined && scopeid > 0 ? `${address}%${scopeid}` : address
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: lookMs })
    const end = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}

/** Says whether people may get past Portero. */
export function judgePort(
  { address, openAt, isHere }: PortSeen,
  { upstreamUrl, believesHeaders }: Pick<Needs, 'upstreamUrl' | 'believesHeaders'>,
): Finding[] {
  if (address === undefined) return []
  const { port } = upstreamUrl
  const judge = believesHeaders ? fault : warning
  const danger = believesHeaders
    ? 'whoever reaches it can be anybody, by a header'
    : 'whoever reaches it passes Portero by'
  const byHand = `From another machine: curl -m 5 http://<this machine>:${port}/ has to fail.`
  if (openAt.length > 0) {
    return [
      judge(
        `The application's port ${port} is open past Portero, at ${openAt.join(', ')}: ${danger}.`,
        `Let it listen on 127.0.0.1 alone (open-webui serve --host 127.0.0.1 --port ${port}); with Docker take its "ports:" away, or write "127.0.0.1:${port}:8080".`,
      ),
    ]
  }
  if (isHere) {
    return [
      ok("The application's port answers on no outer address of this machine."),
      unseen('Whether other machines reach that port cannot be seen from here.', byHand),
    ]
  }
  if (kindOf(address) === 'public') {
    return [
      judge(
        `upstream.url leads to an address of the open internet: ${danger}.`,
        'Put the application on a private network or on this machine, and let upstream.url name it there.',
      ),
    ]
  }
  return [
    ok('upstream.url leads into a private network.'),
    unseen(
      'Whether others than Portero reach the application there cannot be seen from here.',
      `Only Portero may share that network with it; its port ${port} must not be published. ${byHand}`,
    ),
  ]
}

function kindOf(address: string): 'loopback' | 'private' | 'public' {
  const range = ipaddr.isValid(address) ? ipaddr.process(address).range() : 'unicast'
  if (range === 'loopback') return 'loopback'
  return range === 'unicast' ? 'public' : 'private'
}
