import { expect, test } from 'vitest'
import { nearestName } from './nearest-name.ts'
import { isNetwork } from './network.ts'
import { isLoopbackHost, isOrigin, isWebUrl } from './web-url.ts'

test('a network is an address or a block of them', () => {
  for (const text of ['10.0.0.0/8', '127.0.0.1', '::1', '2001:db8::/32', '0.0.0.0/0'])
    expect(isNetwork(text), text).toBe(true)
  for (const text of [
    '',
    '10',
    '10.0.0.0/33',
    '::1/129',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    'localhost',
    '010.0.0.1',
    '10.0.0.0/-1',
  ])
    expect(isNetwork(text), text).toBe(false)
})

test('an origin has a scheme, a host, a port, and nothing else', () => {
  for (const text of [
    'https://a.example',
    'https://a.example/',
    'http://localhost:3000',
    'http://[::1]:81',
    'http://app:80',
    'https://a.example:443/',
  ])
    expect(isOrigin(text), text).toBe(true)
  for (const text of [
    'a.example',
    'https://a.example/x',
    'https://u:p@a.example',
    'https://a.example?',
    'https://a.example:80:80',
    'https://a.example:443/x',
    'ftp://a.example',
    '*',
    'null',
  ])
    expect(isOrigin(text), text).toBe(false)
})

test('an address that a browser can open holds no password', () => {
  expect(isWebUrl('https://a.example/privacy?x=1')).toBe(true)
  for (const text of ['javascript:alert(1)', 'https://u:p@a.example/', '/privacy', 'https://'])
    expect(isWebUrl(text), text).toBe(false)
})

test('loopback is only what cannot leave the machine', () => {
  for (const host of ['localhost', 'LOCALHOST', 'app.localhost', '127.0.0.1', '127.9.9.9', '::1', '[::1]'])
    expect(isLoopbackHost(host), host).toBe(true)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost.example', '127.0.0.1.example', ''])
    expect(isLoopbackHost(host), host).toBe(false)
})

test('the nearest name is suggested, and none when all are far', () => {
  expect(nearestName('otp.tll_seconds', ['otp.ttl_seconds', 'tokens.ttl_seconds'])).toBe('otp.ttl_seconds')
  expect(nearestName('colour', ['listen.port', 'demo'])).toBeUndefined()
})
