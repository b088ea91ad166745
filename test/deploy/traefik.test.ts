import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { openWebuiRules } from '../../src/adapters/vendors/open-webui/rules.ts'
import { trustedProxies } from '../../src/http/client-address.ts'
import { identityHeaderNames } from '../../src/http/identity-headers.ts'
import { spoofedNames } from '../proxies/spoofs.ts'
import { type GatewayHouse, openGatewayHouse, sessionOf } from '../support/gateway-house.ts'
import { rawRequest, sendRaw, statusesOf } from '../support/raw-http.ts'
import { dynamicFile, staticFile } from './traefik-files.ts'

const read = async (name: string) =>
  parse(await readFile(join(import.meta.dirname, '../../deploy/traefik', name), 'utf8'))
const { entryPoints, certificatesResolvers } = staticFile.parse(await read('traefik.yml'))
const { http } = dynamicFile.parse(await read('portero.yml'))
const { forwardAuth } = http.middlewares.portero!

describe('Traefik’s files', () => {
  it('name nothing that they do not define', () => {
    for (const [name, router] of Object.entries(http.routers)) {
      for (const entryPoint of router.entryPoints) expect(entryPoints, name).toHaveProperty(entryPoint)
      for (const middleware of router.middlewares ?? [])
        expect(http.middlewares, name).toHaveProperty(middleware)
      if (router.tls) expect(certificatesResolvers, name).toHaveProperty(router.tls.certResolver)
      if (!router.service.endsWith('@internal')) expect(http.services, name).toHaveProperty(router.service)
    }
    for (const { loadBalancer } of Object.values(http.services)) {
      if (loadBalancer.serversTransport) {
        expect(http.serversTransports).toHaveProperty(loadBalancer.serversTransport)
      }
    }
  })

  it('ask Portero about whatever reaches the app', () => {
    const toApp = Object.values(http.routers).filter(({ service }) => service === 'app')
    expect(toApp.map(({ middlewares }) => middlewares)).toEqual([['portero']])
    const { address } = entryPoints['portero-asking']!
    expect(forwardAuth.address).toBe(`http://${address}/_portero/auth/redirect`)
    const { forwardingTimeouts } = http.serversTransports['portero-asking']!
    expect(forwardingTimeouts).toEqual({ dialTimeout: '1s', responseHeaderTimeout: '2s' })
  })

  it('take every identity header from Portero and none from a client', () => {
    expect(forwardAuth.authResponseHeaders).toEqual(identityHeaderNames)
    expect(forwardAuth.trustForwardHeader).toBe(false)
    const family = new RegExp(forwardAuth.authResponseHeadersRegex.replace('(?i)', ''), 'i')
    for (const name of spoofedNames) expect(name).toMatch(family)
    // Of its own headers the checker’s answer has none more that would be copied over a client’s.
    for (const name of [
      'Vary',
      'Cache-Control',
      'Content-Length',
      'Date',
      'Authorization',
      'Cookie',
      'X-Requested-With',
    ]) {
      expect(name).not.toMatch(family)
    }
  })
})

// As Traefik 3.7.9 sent them, set up by these files.
const asked = (uri: string, method: string, headers: readonly string[] = []) => [
  'Host: 127.0.0.1:8081',
  'Accept-Encoding: gzip',
  'X-Forwarded-For: 203.0.113.9, 127.0.0.1',
  'X-Forwarded-Host: chat.example',
  `X-Forwarded-Method: ${method}`,
  'X-Forwarded-Port: 443',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Server: proxy',
  `X-Forwarded-Uri: ${uri}`,
  'X-Real-Ip: 127.0.0.1',
  ...headers,
]
const page = ['Accept: text/html', 'Sec-Fetch-Mode: navigate']
const handshake = ['Sec-Websocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-Websocket-Version: 13']
const signedIn = 'Cookie: portero=s1'

describe('what Traefik asks', () => {
  let house: GatewayHouse
  beforeAll(async () => {
    const rules = openWebuiRules({ allowMfaEnrolment: false })
    house = await openGatewayHouse({
      trustedProxies: trustedProxies(['127.0.0.1']),
      publicUrl: new URL('https://chat.example'),
      publicPaths: ['/public/*'],
      app: { known: () => rules, answer: () => Promise.reject(new Error('not asked')), apiKeyPaths: [] },
    })
  })
  afterAll(() => house.close())
  const ask = (headers: readonly string[]) =>
    sendRaw(house.port, rawRequest('GET /_portero/auth/redirect', ['Connection: close', ...headers]))

  it.each([
    ['a stranger’s page', asked('/c/1?a=1&b=%20x', 'GET', page), 303],
    [
      'a stranger’s page with the identity of somebody',
      asked('/c', 'GET', [...page, 'X-Portero-User: evil']),
      303,
    ],
    ['a stranger’s upload', asked('/upload', 'POST'), 401],
    ['/public/../admin, cleaned', asked('/admin', 'GET'), 401],
    ['//public//a/./b/../c%2fd, cleaned', asked('/public/a/c%2Fd', 'GET'), 401],
    ['/public\\..\\a, encoded', asked('/public%5C..%5Ca', 'GET'), 401],
    ['a stranger’s websocket, without its Upgrade', asked('/public/ws', 'GET', handshake), 401],
    ['a public path', asked('/public/a', 'GET'), 200],
    ['a signed-in person', asked('/a', 'DELETE', [signedIn]), 200],
    [
      'a websocket of another site',
      asked('/ws', 'GET', [...handshake, signedIn, 'Origin: https://evil.example']),
      403,
    ],
    [
      'a websocket of our own',
      asked('/ws', 'GET', [...handshake, signedIn, 'Origin: https://chat.example']),
      200,
    ],
    ['a closed path of the app', asked('/api/v1/auths/signup', 'POST', [signedIn]), 403],
  ])('%s', async (_, headers, status) => {
    const answer = await ask(headers)
    expect(statusesOf(answer)).toEqual([status])
    expect(answer.text).not.toContain('evil')
    if (status === 303)
      expect(answer.text).toContain('location: https://chat.example/_portero/signin?return=%2Fc')
    if (status === 200) {
      const person = headers.includes(signedIn) ? sessionOf(1).person.id : ''
      expect(/X-Portero-User: ?(.*)\r\n/.exec(answer.text)?.[1]).toBe(person)
    }
  })
})
