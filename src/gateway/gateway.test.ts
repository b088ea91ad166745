import { createHash, randomBytes } from 'node:crypto'
import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Echo, type EchoUpstream, openEchoUpstream, valuesOf } from '../../test/support/echo-upstream.ts'
import { type GatewayHouse, openGatewayHouse, sessionOf } from '../../test/support/gateway-house.ts'
import { rawRequest, sendRaw, statusesOf } from '../../test/support/raw-http.ts'
import { Refusal } from '../domain/errors.ts'
import { trustedProxies } from '../http/client-address.ts'
import { identityHeaderNames } from '../http/identity-headers.ts'

let upstream: EchoUpstream
let house: GatewayHouse
const opened: GatewayHouse[] = []

beforeAll(async () => {
  upstream = await openEchoUpstream()
  house = await openGatewayHouse({
    upstream: { url: upstream.url, timeoutMs: 600 },
    publicPaths: ['/public', '/public/*', '/exact'],
    freshTokenCookie: ({ session }) =>
      session.isShared ? `x-auth-phone=fresh-${session.person.id}; Path=/` : undefined,
  })
})
afterEach(async () => {
  upstream.requests.length = 0
  upstream.events.length = 0
  house.sessions.set('s1', sessionOf(1))
  await Promise.all(opened.splice(0).map((other) => other.close()))
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})

async function open(needs: Parameters<typeof openGatewayHouse>[0]): Promise<GatewayHouse> {
  const other = await openGatewayHouse({ upstream: { url: upstream.url, timeoutMs: 600 }, ...needs })
  opened.push(other)
  return other
}

type Answer = { status: number; headers: IncomingMessage['headers']; body: string; res: IncomingMessage }

function ask(
  path: string,
  options: RequestOptions & { body?: string; in?: GatewayHouse } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { cookie = 'portero=s1', ...others } = (options.headers ?? {}) as Record<string, string>
    const headers = cookie === '' ? others : { cookie, ...others }
    const req = httpRequest({
      host: '127.0.0.1',
      port: (options.in ?? house).port,
      agent: false,
      ...options,
      path,
      headers,
    })
    req.on('response', (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk) => chunks.push(chunk))
      res.on('end', () =>
        resolve({
          status: res.statusCode!,
          headers: res.headers,
          body: Buffer.concat(chunks).toString('latin1'),
          res,
        }),
      )
      res.on('error', reject)
    })
    req.on('error', reject)
    req.end(options.body)
  })
}

const stranger = { headers: { cookie: '' } }
const lastEcho = (): Echo => upstream.requests.at(-1)!

async function until(condition: () => boolean, ms = 15_000): Promise<void> {
  const end = performance.now() + ms
  while (!condition()) {
    if (performance.now() > end) throw new Error('it never became true')
    await new Promise((next) => setTimeout(next, 5))
  }
}

describe('identity towards the app', () => {
  it('is every header once, with Portero’s values', async () => {
    await ask('/hello')
    const { rawHeaders } = lastEcho()
    for (const name of identityHeaderNames) expect(valuesOf(rawHeaders, name), name).toHaveLength(1)
    expect(valuesOf(rawHeaders, 'X-Portero-User')).toEqual([sessionOf(1).person.id])
    expect(valuesOf(rawHeaders, 'X-Portero-Groups')).toEqual(['staff,a%2Cb'])
    expect(valuesOf(rawHeaders, 'X-Portero-Jwt')[0]).toMatch(/^signed\..*\.confirmed$/)
  })

  it('is empty, not absent, where nothing is known, whatever the client sends', async () => {
    house.sessions.set('s1', sessionOf(1, { name: undefined, role: undefined, groups: [] }))
    await ask('/hello', {
      headers: { 'X-Portero-Role': 'admin', 'x-portero-groups': 'root', 'X-Portero-Name': 'Eve' },
    })
    for (const name of ['X-Portero-Name', 'X-Portero-Role', 'X-Portero-Groups']) {
      expect(valuesOf(lastEcho().rawHeaders, name), name).toEqual([''])
    }
  })

  it.each([
    'X-Portero-User',
    'x_portero_email',
    'X.Portero.Email',
    'x-PORTERO_email',
    'X-Auth-User',
    'X_Auth_Email',
    'X.Auth.Email',
    'X-Auth-Phone',
    'Remote-User',
    'remote_user',
    'X-Forwarded-User',
    'X_Forwarded_Groups',
    'X-OpenWebUI-User-Email',
    'X-Forwarded-Uri',
    'X-Original-URL',
    'X-WebAuth-User',
    'Cf-Access-Jwt-Assertion',
  ])('a client’s %s never arrives: with a session, without one, on a public path', async (name) => {
    const evil = [`${name}: evil`, `${name.toUpperCase()}: evil`]
    await sendRaw(house.port, rawRequest('GET /a', ['Host: app', 'Cookie: portero=s1', ...evil]))
    await sendRaw(house.port, rawRequest('GET /public/a', ['Host: app', ...evil]))
    await sendRaw(house.port, rawRequest('GET /a', ['Host: app', ...evil]))
    expect(upstream.requests.map(({ target }) => target)).toEqual(['/a', '/public/a'])
    expect(upstream.requests.flatMap(({ rawHeaders }) => rawHeaders)).not.toContain('evil')
  })

  it('survives a Connection header that names it, while what else it names is dropped', async () => {
    const connection = 'Connection: close, X-Portero-Email, x-portero-user, X-Custom, Host, Content-Length'
    const headers = ['Host: app', 'Cookie: portero=s1', 'X-Custom: 1', 'Content-Length: 2', connection]
    await sendRaw(house.port, rawRequest('POST /a', headers, 'ok'))
    const { rawHeaders, length } = lastEcho()
    expect(valuesOf(rawHeaders, 'X-Portero-Email')).toEqual([sessionOf(1).person.email])
    expect(valuesOf(rawHeaders, 'X-Custom')).toEqual([])
    expect(valuesOf(rawHeaders, 'Host')).toEqual(['app'])
    expect(length).toBe(2)
  })

  it('cannot come in by trailers', async () => {
    const body = '2\r\nok\r\n0\r\nX-Portero-User: evil\r\nX-Auth-User: evil\r\n\r\n'
    const headers = [
      'Host: app',
      'Cookie: portero=s1',
      'Transfer-Encoding: chunked',
      'Trailer: X-Portero-User',
    ]
    await sendRaw(house.port, rawRequest('POST /a', headers, body))
    expect(lastEcho().rawHeaders).not.toContain('evil')
    expect(valuesOf(lastEcho().rawHeaders, 'Trailer')).toEqual([])
    expect(lastEcho().length).toBe(2)
  })

  it('names nobody for a stranger on a public path', async () => {
    expect((await ask('/public/a', stranger)).status).toBe(200)
    for (const name of identityHeaderNames) expect(valuesOf(lastEcho().rawHeaders, name)).toEqual([])
    await ask('/public/a')
    expect(valuesOf(lastEcho().rawHeaders, 'X-Portero-User')).toEqual([sessionOf(1).person.id])
  })

  it('tells the truth about the client, not what it says of itself', async () => {
    const spoof = {
      'X-Forwarded-For': '1.1.1.1',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'evil',
      Forwarded: 'for=1',
    }
    await ask('/a', { headers: { ...spoof, host: 'App.example' } })
    const { rawHeaders } = lastEcho()
    expect(valuesOf(rawHeaders, 'X-Forwarded-For')).toEqual(['127.0.0.1'])
    expect(valuesOf(rawHeaders, 'X-Forwarded-Proto')).toEqual(['http'])
    expect(valuesOf(rawHeaders, 'X-Forwarded-Host')).toEqual(['app.example'])
    expect(valuesOf(rawHeaders, 'Forwarded')).toEqual([])
    expect(valuesOf(rawHeaders, 'Host')).toEqual(['App.example'])
    const behind = await open({ trustedProxies: trustedProxies(['127.0.0.1']) })
    await ask('/a', {
      in: behind,
      headers: { ...spoof, 'X-Forwarded-For': '6.6.6.6, 9.9.9.9', 'X-Forwarded-Host': 'chat.example' },
    })
    expect(valuesOf(lastEcho().rawHeaders, 'X-Forwarded-For')).toEqual(['9.9.9.9'])
    expect(valuesOf(lastEcho().rawHeaders, 'X-Forwarded-Proto')).toEqual(['https'])
    expect(valuesOf(lastEcho().rawHeaders, 'X-Forwarded-Host')).toEqual(['chat.example'])
  })
})

describe('credentials', () => {
  it('of Portero stay with Portero; other cookies and Authorization pass byte for byte', async () => {
    const cookies = ['Cookie: a="x y"; portero=s1; b=2; b=3', 'Cookie: x-auth-phone=jwt;c=é; PORTERO_flow=1']
    await sendRaw(
      house.port,
      rawRequest('GET /a', ['Host: app', ...cookies, 'Authorization: Bearer of-the-app']),
    )
    expect(valuesOf(lastEcho().rawHeaders, 'Cookie')).toEqual(['a="x y"; b=2; b=3', 'c=é'])
    expect(valuesOf(lastEcho().rawHeaders, 'Authorization')).toEqual(['Bearer of-the-app'])
  })

  it('a bearer of ours is taken off', async () => {
    await ask('/a', { headers: { cookie: '', authorization: 'Bearer s1' } })
    expect(valuesOf(lastEcho().rawHeaders, 'Authorization')).toEqual([])
    expect(valuesOf(lastEcho().rawHeaders, 'Cookie')).toEqual([])
  })

  it('an API key of ours is taken off, whoever sends it; two Authorization headers are refused', async () => {
    const key = 'Authorization: Bearer portero_key_abc'
    await sendRaw(house.port, rawRequest('GET /a', ['Host: app', 'Cookie: portero=s1', key]))
    await sendRaw(house.port, rawRequest('GET /public/a', ['Host: app', key]))
    expect(upstream.requests).toHaveLength(2)
    for (const { rawHeaders } of upstream.requests) expect(valuesOf(rawHeaders, 'Authorization')).toEqual([])
    const twice = ['Host: app', 'Cookie: portero=s1', 'Authorization: Basic YTpi', 'authorization: Bearer s1']
    const answer = await sendRaw(house.port, rawRequest('GET /a', twice))
    expect(statusesOf(answer)).toEqual([400])
    expect(answer.text).toContain('ambiguous_request')
    expect(upstream.requests).toHaveLength(2)
  })

  it.each([
    { authorization: 'Bearer nobody' },
    { authorization: 'Basic czE6' },
    { 'x-api-key': 's1' },
    { cookie: 'portero=other' },
  ])('%j opens nothing', async (headers) => {
    expect((await ask('/a?access_token=s1', { headers: { cookie: '', ...headers } })).status).toBe(401)
    expect(upstream.requests).toEqual([])
  })

  it('the app cannot write Portero’s cookies, and keeps its own', async () => {
    const { res, headers } = await ask('/cookies')
    expect(valuesOf(res.rawHeaders, 'Set-Cookie')).toEqual(['token=1; Path=/', 'token2=2'])
    expect(headers['x-hop']).toBeUndefined()
    expect(valuesOf(res.rawHeaders, 'Date')).toEqual(['Thu, 01 Jan 1970 00:00:00 GMT'])
  })

  it('a fresh token cookie comes along, but not into a cache that people share', async () => {
    house.sessions.set('s1', { ...sessionOf(1), isShared: true })
    const fresh = `x-auth-phone=fresh-${sessionOf(1).person.id}; Path=/`
    expect((await ask('/a')).headers['set-cookie']).toEqual([fresh])
    expect((await ask('/public-cache')).headers['set-cookie']).toBeUndefined()
    expect((await ask('/304')).headers['set-cookie']).toBeUndefined()
  })
})

describe('a stranger', () => {
  it.each([[{ 'sec-fetch-mode': 'navigate' }], [{ accept: 'text/html,application/xhtml+xml' }]])(
    'with %j goes to sign-in, and comes back',
    async (headers) => {
      const { status, headers: answered } = await ask('/c/1?q=a%20b&x=/y', {
        headers: { cookie: '', ...headers },
      })
      expect(status).toBe(303)
      expect(answered.location).toBe('/_portero/signin?return=%2Fc%2F1%3Fq%3Da%2520b%26x%3D%2Fy')
      expect(answered['cache-control']).toBe('no-store')
    },
  )

  it('never comes back to another host', async () => {
    const { headers } = await ask('//evil.example/x', {
      headers: { cookie: '', 'sec-fetch-mode': 'navigate' },
    })
    expect(headers.location).toBe('/_portero/signin?return=%2Fevil.example%2Fx')
    const form = await ask('/save', { method: 'POST', headers: { cookie: '', 'sec-fetch-mode': 'navigate' } })
    expect([form.status, form.headers.location]).toEqual([303, '/_portero/signin?return=%2F'])
  })

  it.each([
    ['GET', {}],
    ['GET', { accept: '*/*' }],
    ['GET', { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' }],
    ['GET', { accept: 'text/html', 'sec-fetch-mode': 'cors' }],
    ['POST', { accept: 'text/html' }],
    ['OPTIONS', { origin: 'https://x.example', 'access-control-request-method': 'POST' }],
    ['GET', { 'user-agent': 'kube-probe/1.30' }],
    ['POST', { 'x-http-method-override': 'GET' }],
    ['GET', { upgrade: 'h2c', connection: 'Upgrade, HTTP2-Settings' }],
  ])('%s with %j is told 401, with a marker', async (method, headers) => {
    const {
      status,
      headers: answered,
      body,
    } = await ask('/a', { method, headers: { cookie: '', ...(headers as object) } })
    expect(status).toBe(401)
    expect(answered['portero-refusal']).toBe('not_signed_in')
    expect(answered['content-type']).toContain('application/problem+json')
    expect(JSON.parse(body)).toMatchObject({ code: 'not_signed_in', status: 401 })
    expect(upstream.requests).toEqual([])
  })

  it.each(['/public', '/public/', '/public/a/b', '/exact', '/exact?x=1'])(
    'reaches the public path %s',
    async (path) => expect((await ask(path, stranger)).status).toBe(200),
  )

  it.each([
    '/public/../admin',
    '/public/%2e%2e/admin',
    '/public%2f..%2fadmin',
    '//admin',
    '/public;/../admin',
    '/PUBLIC',
    '/Public/a',
    '/admin?x=/public',
    '/admin#/public',
    '/public\\..\\admin',
    '/%70ublic',
    '/%2570ublic',
    '/public/..;/admin',
    '/public/%c0%ae%c0%ae/admin',
    '/public.',
    '/public%20',
    '/public%2fadmin',
    '/publicx',
    '//public',
    '/public//x',
    '/exact/',
    '/exact/a',
    '/public;x',
    '/public/a;x=1',
  ])('does not get in by %s', async (path) => {
    const answer = await sendRaw(house.port, rawRequest(`GET ${path}`, ['Host: app', 'Connection: close']))
    expect([400, 401]).toContain(statusesOf(answer)[0])
    expect(answer.text).toContain('application/problem+json')
    expect(upstream.requests).toEqual([])
  })

  it('on a public path stays a stranger while nobody can tell who is signed in; elsewhere the door is shut', async () => {
    const shut = await open({
      publicPaths: ['/public'],
      identify: async () => {
        throw new Refusal('revocations_unknown')
      },
    })
    expect((await ask('/public', { in: shut })).status).toBe(200)
    const { status, headers, body } = await ask('/a', { in: shut })
    expect([status, JSON.parse(body).code]).toEqual([503, 'revocations_unknown'])
    expect(headers['retry-after']).toBe('2')
  })
})

describe('targets', () => {
  it.each(['/a//b', '/a%2Fb', '/%E2%82%AC?q=%zz&r=..\\', '/c;v=1/d', '/a?', '//x', "/it's/(1)/a|b"])(
    '%s reaches the app byte for byte',
    async (path) => {
      await sendRaw(house.port, rawRequest(`GET ${path}`, ['Host: app', 'Cookie: portero=s1']))
      expect(lastEcho().target).toBe(path)
    },
  )

  it.each([
    ['GET http://evil.example/x', ['Host: app']],
    ['GET app:80', ['Host: app']],
    ['OPTIONS *', ['Host: app']],
    ['GET /', []],
    ['GET /', ['Host: app', 'Host: other']],
    ['GET /', ['Host: app/x']],
    ['GET /%5fportero/auth', ['Host: app']],
    ['GET //_portero/auth', ['Host: app']],
    ['GET /_portero%2fauth', ['Host: app']],
    ['GET /a\u0001', ['Host: app']],
    ['GET /a\u00e9', ['Host: app']],
    ['POST /', ['Host: app', 'Content-Length: 3', 'Transfer-Encoding: chunked']],
    ['POST /', ['Host: app', 'Transfer-Encoding: gzip, chunked']],
    ['POST /', ['Host: app', 'Transfer-Encoding: xchunked']],
    ['POST /', ['Host: app', 'Content-Length: 1', 'Content-Length: 1']],
    ['POST /', ['Host: app', 'Content-Length: +2']],
    ['POST /', ['Host: app', 'Content-Length : 2']],
    ['GET /', ['Host: app', 'X: a\u0000b']],
    ['GET /', ['Host: app', ' folded: 1']],
    ['G@T /', ['Host: app']],
  ])('%s %j is 400 problem+json, and the app hears nothing', async (line, headers) => {
    const answer = await sendRaw(
      house.port,
      rawRequest(line, [...headers, 'Cookie: portero=s1', 'Connection: close']),
    )
    expect(statusesOf(answer)).toEqual([400])
    expect(answer.text).toContain('application/problem+json')
    expect(upstream.requests).toEqual([])
  })

  it.each(['CONNECT app:80', 'CONNECT /', 'TRACE /'])('%s is 405', async (line) => {
    const answer = await sendRaw(house.port, rawRequest(line, ['Host: app', 'Cookie: portero=s1']))
    expect(statusesOf(answer)).toEqual([405])
    expect(upstream.requests).toEqual([])
  })

  it('headers over 16 KB are 431', async () => {
    const answer = await sendRaw(
      house.port,
      rawRequest('GET /', ['Host: app', `Cookie: portero=s1; a=${'x'.repeat(20_000)}`]),
    )
    expect(statusesOf(answer)).toEqual([431])
  })

  it('each pipelined request is one request, with headers of its own', async () => {
    const one = rawRequest('GET /1', ['Host: app', 'Cookie: portero=s1', 'X-Only: 1'])
    const two = rawRequest('GET /2', ['Host: app', 'Cookie: portero=s1'])
    const three = rawRequest('GET /3', ['Host: app'])
    const answer = await sendRaw(house.port, one + two + three)
    expect(statusesOf(answer)).toEqual([200, 200, 401])
    expect(upstream.requests.map(({ target }) => target)).toEqual(['/1', '/2'])
    expect(valuesOf(upstream.requests[1]!.rawHeaders, 'X-Only')).toEqual([])
  })

  it.each([
    [
      'CL.0',
      rawRequest(
        'GET /1',
        ['Host: app', 'Cookie: portero=s1', 'Content-Length: 43'],
        'GET /smuggled HTTP/1.1\r\nHost: app\r\nX: 1\r\n\r\n',
      ),
    ],
    [
      'chunk extension',
      rawRequest(
        'POST /1',
        ['Host: app', 'Cookie: portero=s1', 'Transfer-Encoding: chunked'],
        `1;${'x'.repeat(60_000)}\r\na\r\n0\r\n\r\n`,
      ),
    ],
    [
      'bare LF in a chunk',
      rawRequest(
        'POST /1',
        ['Host: app', 'Cookie: portero=s1', 'Transfer-Encoding: chunked'],
        '2\nok\n0\n\nGET /smuggled HTTP/1.1\r\nHost: app\r\n\r\n',
      ),
    ],
    [
      'bad chunk size',
      rawRequest(
        'POST /1',
        ['Host: app', 'Cookie: portero=s1', 'Transfer-Encoding: chunked'],
        '0x2\r\nok\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n',
      ),
    ],
  ])('smuggling by %s brings the app at most one request', async (_, bytes) => {
    await sendRaw(house.port, bytes)
    expect(upstream.requests.length).toBeLessThanOrEqual(1)
    expect(upstream.requests.map(({ target }) => target)).not.toContain('/smuggled')
  })

  it('Portero’s own paths go to Portero, whether or not they ask for an upgrade', async () => {
    for (const path of ['/_portero/health', '/otp/request', '/signin?token=x']) {
      expect((await ask(path, stranger)).body).toBe(`own ${path}`)
    }
    const upgrade = { ...stranger.headers, connection: 'Upgrade', upgrade: 'websocket' }
    expect((await ask('/_portero/x', { headers: upgrade })).body).toBe('own /_portero/x')
    expect(upstream.requests).toEqual([])
  })

  it('a demo that nobody asked for serves this machine only', async () => {
    const local = await open({ isLocalOnly: true })
    expect((await ask('/a', { in: local, headers: { host: 'localhost:8081' } })).status).toBe(200)
    for (const headers of [
      { host: 'chat.example' },
      { host: 'localhost.evil.example' },
      { host: 'localhost', 'x-forwarded-for': '1.1.1.1' },
    ]) {
      const { status, body } = await ask('/a', { in: local, headers })
      expect([status, JSON.parse(body).code]).toEqual([403, 'demo_is_local'])
    }
  })
})

describe('bodies', () => {
  it('an upload arrives whole, of declared and of unknown length', async () => {
    const body = randomBytes(3_000_000).toString('latin1')
    const sha256 = createHash('sha256').update(body, 'utf8').digest('hex')
    const declared = JSON.parse(
      (await ask('/up', { method: 'POST', body, headers: { expect: '100-continue' } })).body,
    ) as Echo
    expect(declared).toMatchObject({ sha256, method: 'POST' })
    expect(valuesOf(declared.rawHeaders, 'Expect')).toEqual([])
    const chunked = JSON.parse(
      (await ask('/up', { method: 'PUT', body, headers: { 'transfer-encoding': 'chunked' } })).body,
    )
    expect(chunked.sha256).toBe(sha256)
    const deleted = JSON.parse(
      (await ask('/up', { method: 'DELETE', body: 'why', headers: { 'content-length': '3' } })).body,
    )
    expect(deleted.length).toBe(3)
    expect(JSON.parse((await ask('/up', { method: 'POST' })).body)).toMatchObject({
      method: 'POST',
      length: 0,
    })
  })

  it('HEAD, 204, 304, ranges and compressed bodies come as they are', async () => {
    const head = await ask('/kilobyte', { method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '1024', ''])
    expect((await ask('/204')).status).toBe(204)
    expect(await ask('/304').then(({ status, headers }) => [status, headers.etag])).toEqual([304, '"a"'])
    const range = await ask('/range', { headers: { range: 'bytes=2-4' } })
    expect([range.status, range.headers['x-range'], range.body]).toEqual([206, 'bytes=2-4', 'cde'])
    const gzip = await ask('/gzip', { headers: { 'accept-encoding': 'gzip' } })
    expect(gzip.headers['content-encoding']).toBe('gzip')
    expect(gzip.body.slice(0, 2)).toBe('\x1f\x8b')
  })

  it('hints, trailers, late and unframed bodies come through', async () => {
    const hinted = await sendRaw(house.port, rawRequest('GET /hints', ['Host: app', 'Cookie: portero=s1']))
    expect(hinted.text).toMatch(
      /^HTTP\/1.1 103 Early Hints\r\nLink: <\/style.css>; rel=preload\r\n\r\nHTTP\/1.1 200/,
    )
    const { res, body } = await ask('/trailers')
    expect([body, res.trailers]).toEqual(['body', { 'x-sum': '42' }])
    expect((await ask('/until-close')).body).toBe('until the end')
    expect((await ask('/drip')).body).toBe('ok')
  })

  it('the head comes before a late body', async () => {
    const req = httpRequest({
      host: '127.0.0.1',
      port: house.port,
      path: '/late-body',
      headers: { cookie: 'portero=s1' },
    }).end()
    const res = await new Promise<IncomingMessage>((resolve) => req.on('response', resolve))
    expect(upstream.events).not.toContain('late body')
    expect((await res.toArray()).join('')).toBe('body')
    expect(upstream.events).toContain('late body')
  })

  it('a big download to a slow reader stays in the upstream, not in memory', async () => {
    const options = { host: '127.0.0.1', port: house.port, path: '/download?bytes=200000000' }
    const req = httpRequest({ ...options, headers: { cookie: 'portero=s1' } }).end()
    const res = await new Promise<IncomingMessage>((resolve) => req.on('response', resolve))
    res.pause()
    await new Promise((next) => setTimeout(next, 500))
    // What the kernel's buffers of two connections hold, and no more.
    expect(upstream.sentBytes()).toBeLessThan(30e6)
    let bytes = 0
    for await (const chunk of res) bytes += chunk.length
    expect(bytes).toBe(200_000_000)
  })

  it('an upload to an app that does not read stops at the client', async () => {
    const patient = await open({ upstream: { url: upstream.url, timeoutMs: 5_000 } })
    const req = httpRequest({
      host: '127.0.0.1',
      port: patient.port,
      path: '/never-reads',
      method: 'POST',
      headers: { cookie: 'portero=s1' },
    })
    req.on('error', () => {})
    let sent = 0
    const chunk = Buffer.alloc(1e6)
    while (sent < 100 && req.write(chunk)) sent++
    for (let idle = 0; idle < 10 && sent < 100; idle++) {
      const isDrained = await Promise.race([
        new Promise<boolean>((next) => req.once('drain', () => next(true))),
        new Promise<boolean>((next) => setTimeout(next, 50, false)),
      ])
      if (isDrained) while (sent < 100 && req.write(chunk)) sent++
    }
    expect(sent).toBeLessThan(60)
    req.destroy()
  })

  it('an early refusal reaches a client that is still sending', async () => {
    const req = httpRequest({
      host: '127.0.0.1',
      port: house.port,
      path: '/early-refusal',
      method: 'POST',
      headers: { cookie: 'portero=s1' },
    })
    req.on('error', () => {})
    const answered = new Promise<IncomingMessage>((resolve) => req.on('response', resolve))
    req.write('first part')
    const res = await answered
    expect([res.statusCode, (await res.toArray()).join('')]).toEqual([413, 'too big'])
    req.end('second part')
  })
})

describe('event streams', () => {
  it('are not held up', async () => {
    const req = httpRequest({
      host: '127.0.0.1',
      port: house.port,
      path: '/sse',
      headers: { cookie: 'portero=s1', 'accept-encoding': 'gzip' },
    }).end()
    const res = await new Promise<IncomingMessage>((resolve) => req.on('response', resolve))
    const chunks: string[] = []
    for await (const chunk of res) {
      chunks.push(String(chunk))
      if (chunks.length === 10) break
    }
    // Held up, several would come together; a busy machine does that to one or two.
    const alone = chunks.filter((chunk) => chunk.match(/data: /g)!.length === 1)
    expect(alone.length).toBeGreaterThan(5)
    expect(res.headers['content-encoding']).toBeUndefined()
    await until(() => upstream.events.includes('stream closed'))
  })

  it('outlive the timeout, and end at once when the session does', async () => {
    const req = httpRequest({
      host: '127.0.0.1',
      port: house.port,
      path: '/sse?silent',
      headers: { cookie: 'portero=s1' },
    }).end()
    const res = await new Promise<IncomingMessage>((resolve) => req.on('response', resolve))
    const closed = new Promise((resolve) => res.on('close', resolve))
    res.on('error', () => {}).resume()
    await new Promise((next) => setTimeout(next, 900))
    expect(res.destroyed).toBe(false)
    const start = performance.now()
    house.end('s1')
    await closed
    expect(performance.now() - start).toBeLessThan(5_000)
    await until(() => upstream.events.includes('stream closed'))
  })

  it('end when the session runs out by itself', async () => {
    const req = httpRequest({
      host: '127.0.0.1',
      port: house.port,
      path: '/sse',
      headers: { cookie: 'portero=s1' },
    }).end()
    const res = await new Promise<IncomingMessage>((resolve) => req.on('response', resolve))
    res.on('error', () => {}).resume()
    house.sessions.delete('s1')
    await new Promise((resolve) => res.on('close', resolve))
    await until(() => upstream.events.includes('stream closed'))
  })

  it('do not use up the room for ordinary requests', async () => {
    const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
    const streams = await Promise.all(
      Array.from({ length: 600 }, async () => {
        const req = httpRequest({
          host: '127.0.0.1',
          port: house.port,
          path: '/sse?silent',
          agent,
          headers: { cookie: 'portero=s1' },
        }).end()
        req.on('error', () => {})
        const res = await new Promise<IncomingMessage>((resolve) => req.on('response', resolve))
        res.on('error', () => {})
        return req
      }),
    )
    expect((await ask('/a')).status).toBe(200)
    for (const req of streams) req.destroy()
    await until(() => upstream.events.filter((event) => event === 'stream closed').length === 600, 5_000)
  })
})

describe('an app that fails', () => {
  it.each([
    '/garbage',
    '/nothing',
    '/reset',
    '/huge-headers',
    '/length-and-chunked',
    '/two-lengths',
    '/bad-header',
    '/flood',
  ])('by %s is 502, and the next request is served', async (path) => {
    const { status, body } = await ask(path)
    expect([status, JSON.parse(body).code]).toEqual([502, 'upstream_unreachable'])
    expect((await ask('/a')).status).toBe(200)
    expect(upstream.requests.filter(({ target }) => target === path)).toHaveLength(1)
  })

  it('shows a person a page', async () => {
    const { status, headers, body } = await ask('/reset', { headers: { 'sec-fetch-mode': 'navigate' } })
    expect([status, headers['content-type'], body]).toEqual([502, 'text/html', '<p>unreachable'])
  })

  it('after it got the body is not asked again', async () => {
    const { status } = await ask('/reset-after-body', { method: 'POST', body: 'pay 100' })
    expect(status).toBe(502)
    expect(upstream.requests).toHaveLength(1)
  })

  it.each(['/half', '/half-chunked'])(
    'in the middle, by %s, ends the client’s connection too',
    async (path) => {
      await expect(ask(path)).rejects.toThrow(/aborted|ECONNRESET/)
      const answer = await sendRaw(house.port, rawRequest(`GET ${path}`, ['Host: app', 'Cookie: portero=s1']))
      expect(answer.isClosed).toBe(true)
      expect(answer.text).toContain('half')
    },
  )

  it('by thinking too long is 504', async () => {
    const { status, body } = await ask('/slow?ms=5000')
    expect([status, JSON.parse(body).code]).toEqual([504, 'upstream_timeout'])
    await until(() => upstream.events.includes('slow aborted'))
  })

  it('is let go when the client goes, long before it is too late', async () => {
    const patient = await open({ upstream: { url: upstream.url, timeoutMs: 60_000 } })
    const req = httpRequest({
      host: '127.0.0.1',
      port: patient.port,
      path: '/slow?ms=60000',
      headers: { cookie: 'portero=s1' },
    }).end()
    req.on('error', () => {})
    await until(() => upstream.requests.length === 1)
    req.destroy()
    await until(() => upstream.events.includes('slow aborted'))
  })

  it('by not being there is 502 in no time, and is found again when it comes back', async () => {
    const other = await openEchoUpstream()
    const lonely = await open({ upstream: { url: other.url, timeoutMs: 600 } })
    expect((await ask('/a', { in: lonely })).status).toBe(200)
    await other.close()
    const start = performance.now()
    for (let i = 0; i < 20; i++)
      expect((await ask('/a', { in: lonely, method: 'POST', body: 'x' })).status).toBe(502)
    // Not by waiting for each as long as for one that does not answer.
    expect(performance.now() - start).toBeLessThan(20 * 600)
    const again = await openEchoUpstream(other.port)
    expect((await ask('/a', { in: lonely })).status).toBe(200)
    await again.close()
  })

  it('is no app at all', async () => {
    const bare = await open({ upstream: undefined })
    expect(JSON.parse((await ask('/a', { in: bare })).body).code).toBe('no_upstream')
    expect((await ask('/a', { in: bare, headers: { accept: 'text/html' } })).body).toBe('<p>no_upstream')
  })

  it('by being overrun makes some wait and tells the rest', async () => {
    const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
    const answers = await Promise.all(
      Array.from({ length: 1_100 }, () => ask('/slow?ms=100', { agent, method: 'POST' })),
    )
    const count = (status: number) => answers.filter((answer) => answer.status === status).length
    expect(count(200)).toBeGreaterThanOrEqual(1_024)
    expect(count(200) + count(503)).toBe(1_100)
    expect((await ask('/a')).status).toBe(200)
  })
})

describe('closing', () => {
  it('lets a request finish within its grace, and ends streams at once', async () => {
    const closing = await open({ upstream: { url: upstream.url, timeoutMs: 5_000 } })
    const slow = ask('/slow?ms=200', { in: closing })
    const stream = ask('/sse', { in: closing })
    await until(() => upstream.requests.length === 2)
    await new Promise((next) => setTimeout(next, 50))
    await closing.gateway.close(2_000)
    expect((await stream).status).toBe(200)
    expect((await slow).body).toBe('late')
  })

  it('cuts what takes longer', async () => {
    const closing = await open({ upstream: { url: upstream.url, timeoutMs: 50_000 } })
    const slow = ask('/slow?ms=20000', { in: closing })
    await until(() => upstream.requests.length === 1)
    await closing.gateway.close(100)
    expect((await slow).status).toBe(504)
  })

  it('a session that ends while the app thinks gets no answer of it', async () => {
    const slow = ask('/slow?ms=300')
    await until(() => upstream.requests.length === 1)
    house.end('s1')
    expect((await slow).status).toBe(401)
  })
})
