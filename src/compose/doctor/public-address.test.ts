import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jwks } from '../../domain/tokens/jwks.ts'
import { openKeyring } from '../../domain/tokens/keyring.ts'
import { judgeHere, judgePublicAddress, localAddress, whoAnswers } from './public-address.ts'

const own = openKeyring(['a secret of the tests that is long enough to be one'])
const others = openKeyring(['another secret of the tests that is long enough'])
const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections()
})

/** Answers these paths with JSON, and everything else with a page; a path with `undefined` is never answered. */
async function openSite(answers: Record<string, unknown>): Promise<string> {
  const server = createServer((req, res) => {
    const path = req.url!
    if (path in answers && answers[path] === undefined) return
    res.end(path in answers ? JSON.stringify(answers[path]) : '<h1>hello</h1>')
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('who answers at an address', () => {
  const health = { '/_portero/health': { status: 'ok' } }
  let porteroUrl: string
  beforeAll(async () => {
    porteroUrl = await openSite({ ...health, '/_portero/jwks.json': jwks(own) })
  })

  test('is this Portero by its keys, also while they are rotated, and another one by other keys', async () => {
    const rotated = openKeyring([
      'another secret of the tests that is long enough',
      'a secret of the tests that is long enough to be one',
    ])
    const rotatedUrl = await openSite({ ...health, '/_portero/jwks.json': jwks(rotated) })
    expect(await whoAnswers(porteroUrl, own)).toBe('this')
    expect(await whoAnswers(rotatedUrl, own)).toBe('this')
    expect(await whoAnswers(porteroUrl, others)).toBe('other')
    expect(await whoAnswers(porteroUrl, undefined)).toBe('unproved')
  })

  test('is a stranger where health or keys are those of something else', async () => {
    for (const answers of [{}, health, { '/_portero/health': { status: 'healthy' } }]) {
      expect(await whoAnswers(await openSite(answers), own)).toBe('stranger')
    }
  })

  test('is nobody where nobody listens, and where no answer comes within five seconds', async () => {
    expect(await whoAnswers('http://127.0.0.1:1', own)).toEqual({ failure: 'ECONNREFUSED' })
    const silent = await openSite({ '/_portero/health': undefined })
    const began = performance.now()
    expect(await whoAnswers(silent, own)).toEqual({ failure: 'ETIMEDOUT' })
    expect(performance.now() - began).toBeLessThan(15_000)
  })
})

describe('a public address', () => {
  const judge = (public_url: string, outside: Parameters<typeof judgePublicAddress>[1], isRunning = true) =>
    judgePublicAddress({ public_url }, outside, isRunning ? 'this' : { failure: 'ECONNREFUSED' }).map(
      ({ status }) => status,
    )

  test('by https that leads here is ok; by plain http it is told', () => {
    expect(judge('https://chat.example.org', 'this')).toEqual(['ok'])
    expect(judge('http://localhost:8081', 'this')).toEqual(['ok', 'ok'])
    expect(judge('http://chat.example.org', 'this')).toEqual(['warning', 'ok'])
  })

  test('that leads elsewhere or nowhere is a fault', () => {
    const failures = [
      'ENOTFOUND',
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'ECONNREFUSED',
    ]
    for (const outside of ['other', 'stranger', ...failures.map((failure) => ({ failure }))] as const) {
      expect(judge('https://chat.example.org', outside)).toEqual(['fault'])
    }
  })

  test('that cannot be reached from here may still be reached by others', () => {
    expect(judge('https://chat.example.org', { failure: 'ETIMEDOUT' })).toEqual(['warning'])
    expect(judge('https://chat.example.org', { failure: 'ECONNREFUSED' }, false)).toEqual(['unseen'])
    expect(judge('https://chat.example.org', 'unproved')).toEqual(['unseen'])
  })

  test('is not needed in a demo', () => {
    expect(
      judgePublicAddress({ public_url: undefined }, undefined, 'this').map(({ status }) => status),
    ).toEqual(['ok'])
  })
})

test('where Portero listens is looked at from this machine', () => {
  const listen = { workers: 1, trusted_proxies: [], insecure: false }
  expect(localAddress({ ...listen, host: '0.0.0.0', port: 8081 })).toBe('http://127.0.0.1:8081')
  expect(localAddress({ ...listen, host: '::1', port: 8081 })).toBe('http://[::1]:8081')
  expect(localAddress({ ...listen, host: '127.0.0.1', port: 0 })).toBeUndefined()
  expect(judgeHere('this', 'http://127.0.0.1:8081').status).toBe('ok')
  expect(judgeHere('stranger', 'http://127.0.0.1:8081').status).toBe('fault')
  expect(judgeHere({ failure: 'ECONNREFUSED' }, 'http://127.0.0.1:8081').status).toBe('warning')
  expect(judgeHere(undefined, undefined).status).toBe('unseen')
})
