import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import {
  addressKeys,
  canonicalAddress,
  clientAddress,
  networkFactor,
  trustedProxies,
} from './client-address.ts'

const proxies = trustedProxies(['10.0.0.0/8', '127.0.0.1', 'fd00::/8'])

function request(peer: string, headers: Record<string, string> = {}): IncomingMessage {
  return {
    socket: { remoteAddress: peer, remotePort: 4711 },
    headers: { host: 'App.Example:8081', ...headers },
  } as unknown as IncomingMessage
}

describe('from a peer that is not trusted', () => {
  it('every forwarded header is ignored', () => {
    const seen = clientAddress(
      request('203.0.113.9', {
        'x-forwarded-for': '1.1.1.1',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.example',
        forwarded: 'for=1.1.1.1;proto=https',
        'x-real-ip': '1.1.1.1',
        'cf-connecting-ip': '1.1.1.1',
        'true-client-ip': '1.1.1.1',
      }),
      proxies,
    )
    expect(seen).toEqual({ address: '203.0.113.9', port: 4711, scheme: 'http', host: 'app.example:8081' })
  })

  it('IPv4 in IPv6 is the same address', () => {
    expect(clientAddress(request('::ffff:203.0.113.9'), proxies).address).toBe('203.0.113.9')
  })
})

describe('from a trusted proxy', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7', undefined],
    ['1.1.1.1, 198.51.100.7', '198.51.100.7', undefined],
    ['1.1.1.1, 198.51.100.7, 10.2.3.4', '198.51.100.7', undefined],
    ['10.9.9.9, 10.2.3.4', '10.9.9.9', undefined],
    ['198.51.100.7:5555', '198.51.100.7', 5555],
    ['[2001:DB8:0::1]:443', '2001:db8::1', 443],
    ['2001:db8::1', '2001:db8::1', undefined],
    ['::ffff:198.51.100.7', '198.51.100.7', undefined],
    ['198.51.100.7, nonsense', '10.0.0.1', 4711],
    ['198.51.100.7, 0x7f.1', '10.0.0.1', 4711],
    ['', '10.0.0.1', 4711],
    [`${'9.9.9.9, '.repeat(500)}198.51.100.7`, '198.51.100.7', undefined],
  ])('X-Forwarded-For %s means %s', (header, address, port) => {
    const seen = clientAddress(request('10.0.0.1', { 'x-forwarded-for': header }), proxies)
    expect([seen.address, seen.port]).toEqual([address, port])
  })

  it('scheme and host are what the nearest proxy says', () => {
    const seen = clientAddress(
      request('10.0.0.1', {
        'x-forwarded-proto': 'http, https',
        'x-forwarded-host': 'evil.example, Chat.Example.ORG',
      }),
      proxies,
    )
    expect(seen).toMatchObject({ scheme: 'https', host: 'chat.example.org' })
    expect(clientAddress(request('10.0.0.1', { 'x-forwarded-proto': 'wss' }), proxies).scheme).toBe('https')
  })

  it('what is no scheme and no host is ignored', () => {
    const headers = { 'x-forwarded-proto': 'javascript', 'x-forwarded-host': 'evil.example/x' }
    expect(clientAddress(request('10.0.0.1', headers), proxies)).toMatchObject({
      scheme: 'http',
      host: 'app.example:8081',
    })
  })
})

it.each(['1', '0x7f.1', '010.0.0.1', '256.1.1.1', '1.2.3', '1.2.3.4.', 'localhost', '', '1.2.3.4:80'])(
  '%s is no address',
  (text) => expect(canonicalAddress(text)).toBeUndefined(),
)

it('every spelling of one IPv6 address is one text', () => {
  const spellings = ['2001:DB8::1', '2001:db8:0:0:0:0:0:1', '2001:0db8::0001', '2001:db8::1%eth0']
  expect(new Set(spellings.map(canonicalAddress))).toEqual(new Set(['2001:db8::1']))
})

it('counts IPv6 by its /64, and above that by its /48', () => {
  expect(addressKeys('198.51.100.7')).toEqual({ address: '198.51.100.7', network: undefined })
  expect(addressKeys('2001:db8:1:2:3::4')).toEqual({
    address: '2001:db8:1:2::/64',
    network: '2001:db8:1::/48',
  })
  expect(addressKeys('2001:db8:1:2:ffff::')).toEqual(addressKeys('2001:db8:1:2::1'))
  expect(addressKeys('::1')).toEqual({ address: '0:0:0:0::/64', network: '0:0:0::/48' })
})

it('takes the factor of the narrowest network', () => {
  const networks = [
    { cidr: '198.51.100.0/24', factor: 5 },
    { cidr: '198.51.0.0/16', factor: 2 },
    { cidr: '2001:db8::/32', factor: 3 },
    { cidr: '198.51.100.9', factor: 9 },
  ]
  expect(networkFactor('198.51.100.7', networks)).toBe(5)
  expect(networkFactor('198.51.100.9', networks)).toBe(9)
  expect(networkFactor('198.51.1.1', networks)).toBe(2)
  expect(networkFactor('2001:db8::1', networks)).toBe(3)
  expect(networkFactor('203.0.113.1', networks)).toBe(1)
})

it('refuses a range that is none', () => {
  expect(() => trustedProxies(['10.0.0.0/33'])).toThrow('neither an address nor a network')
  expect(() => trustedProxies(['example.org'])).toThrow(TypeError)
})
