import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import ipaddr from 'ipaddr.js'
import { isHost } from './request-target.ts'

/** Says whether forwarded headers count when they come from this canonical address. */
export type TrustedProxies = (address: string) => boolean

/** Where a request comes from and how it was asked for, as far as can be believed. */
export type ClientAddress = {
  /** Canonical IPv4 or IPv6 text. */
  readonly address: string
  /** Source port; unknown behind most proxies. */
  readonly port: number | undefined
  readonly scheme: 'http' | 'https'
  /** Host and port that the person's client asked for, in lower case; empty where there was none. */
  readonly host: string
}

/** Names under which one caller is counted. */
export type AddressKeys = {
  /** The IPv4 address, or the /64 of an IPv6 address: one household has as many of those as it likes. */
  readonly address: string
  /** The /48 of an IPv6 address. */
  readonly network: string | undefined
}

/** Strangers write addresses too: so many are remembered, and no more. */
const knownMax = 1000
/** No chain of honest proxies is longer. */
const hopsMax = 16
/** Of a peer that has already gone. */
const unknownAddress = '0.0.0.0'

/** Reads addresses and CIDR ranges once. Refuses with a `TypeError` one that is neither. */
export function trustedProxies(ranges: readonly string[]): TrustedProxies {
  const parsed = ranges.map(parseRange)
  if (parsed.length === 0) return () => false
  // Behind a proxy the same few addresses are asked about with every request.
  const known = new Map<string, boolean>()
  return (address) => {
    let isTrusted = known.get(address)
    if (isTrusted === undefined) {
      isTrusted = ipaddr.isValid(address) && parsed.some((range) => isWithin(address, range))
      if (known.size < knownMax) known.set(address, isTrusted)
    }
    return isTrusted
  }
}

/**
 * The client of a request. Forwarded headers count only while the hop that wrote them is trusted: the address is the
 * right-most one in `X-Forwarded-For` that is not a trusted proxy, scheme and host are what the nearest proxy says.
 * No other header (`Forwarded`, `X-Real-IP`, `CF-Connecting-IP`, …) is looked at.
 */
export function clientAddress(req: IncomingMessage, trusted: TrustedProxies): ClientAddress {
  const { socket, headers } = req
  const peer = canonicalAddress(socket.remoteAddress ?? '') ?? unknownAddress
  const scheme = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'
  const host = headers.host?.toLowerCase() ?? ''
  if (!trusted(peer)) return { address: peer, port: socket.remotePort, scheme, host }
  return {
    ...forwardedFor(peer, socket.remotePort, headerText(headers['x-forwarded-for']), trusted),
    scheme: forwardedScheme(headerText(headers['x-forwarded-proto'])) ?? scheme,
    host: forwardedHost(headerText(headers['x-forwarded-host'])) ?? host,
  }
}

/** The one text of an address, IPv4 in its IPv6 clothes folded; undefined for anything else. */
export function canonicalAddress(text: string): string | undefined {
  // The common cases by far, and ipaddr.js would also take `1`, `0x7f.1` and `010.0.0.1` for addresses.
  if (isIpv4(text)) return text
  if (text.startsWith('::ffff:') && isIpv4(text.slice(7))) return text.slice(7)
  const [address] = text.split('%', 1)
  if (!ipaddr.IPv6.isValid(address!)) return undefined
  return ipaddr.process(address!).toString()
}

/** The names under which the callers of a canonical address are counted. */
export function addressKeys(address: string): AddressKeys {
  if (!address.includes(':')) return { address, network: undefined }
  const { parts } = ipaddr.IPv6.parse(address)
  const prefix = (length: number) =>
    parts
      .slice(0, length)
      .map((part) => part.toString(16))
      .join(':')
  return { address: `${prefix(4)}::/64`, network: `${prefix(3)}::/48` }
}

/** By how much the budgets of an address are multiplied: the factor of the narrowest network that holds it, or 1. */
export function networkFactor(
  address: string,
  networks: readonly { readonly cidr: string; readonly factor: number }[],
): number {
  let narrowest = -1
  let found = 1
  for (const { cidr, factor } of networks) {
    const range = parseRange(cidr)
    if (range[1] > narrowest && ipaddr.isValid(address) && isWithin(address, range)) {
      narrowest = range[1]
      found = factor
    }
  }
  return found
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

function parseRange(text: string): Range {
  if (text.includes('/') && ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  const address = canonicalAddress(text)
  if (address === undefined)
    throw new TypeError(`${text} is neither an address nor a network such as 10.0.0.0/8`)
  return [ipaddr.parse(address), address.includes(':') ? 128 : 32]
}

function isWithin(address: string, range: Range): boolean {
  const parsed = ipaddr.parse(address)
  return parsed.kind() === range[0].kind() && parsed.match(range)
}

function forwardedFor(
  peer: string,
  peerPort: number | undefined,
  header: string,
  trusted: TrustedProxies,
): { address: string; port: number | undefined } {
  let hop: { address: string; port: number | undefined } = { address: peer, port: peerPort }
  if (header === '') return hop
  const hops = header.split(',').slice(-hopsMax)
  while (hops.length > 0 && trusted(hop.address)) {
    const next = parseHop(hops.pop()!.trim())
    // A proxy that writes what is no address tells nothing further; the last hop that is known stands.
    if (next === undefined) break
    hop = next
  }
  return hop
}

/** An address as proxies write it: bare, with a port, or in brackets. */
function parseHop(text: string): { address: string; port: number | undefined } | undefined {
  const [, bracketed, bare, port] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const address = canonicalAddress(bracketed ?? bare ?? text)
  return address === undefined ? undefined : { address, port: port === undefined ? undefined : Number(port) }
}

function forwardedScheme(header: string): 'http' | 'https' | undefined {
  const last = lastOf(header).toLowerCase()
  // Traefik says `ws` and `wss` of websockets.
  if (last === 'https' || last === 'wss') return 'https'
  return last === 'http' || last === 'ws' ? 'http' : undefined
}

function forwardedHost(header: string): string | undefined {
  const last = lastOf(header).toLowerCase()
  return isHost(last) ? last : undefined
}

function lastOf(header: string): string {
  return header.slice(header.lastIndexOf(',') + 1).trim()
}

function headerText(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : (header?.join(',') ?? '')
}

function isIpv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text)
}
