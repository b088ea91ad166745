import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from '../support/call.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { rawRequest, sendRaw, statusesOf } from '../support/raw-http.ts'
import { type SignedInByApi, signInByApi } from '../support/sign-in.ts'

const secret = 'the secret that Portero and the app behind share'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const hmac = (key: string | Buffer, input: string) =>
  createHmac('sha256', key).update(input).digest('base64url')

/** A token with these parts, signed with HMAC by whatever key. */
function hs(header: unknown, claims: unknown, key: string | Buffer = secret): string {
  const input = `${encode(header)}.${typeof claims === 'string' ? claims : encode(claims)}`
  return `${input}.${hmac(key, input)}`
}

let shared: PorteroInProcess
let keyed: PorteroInProcess
let person: SignedInByApi
let keyedPerson: SignedInByApi
beforeAll(async () => {
  shared = await openPorteroInProcess({ OPENWEBUI_JWT_SECRET: secret })
  keyed = await openPorteroInProcess()
  person = await signInByApi(shared.url)
  keyedPerson = await signInByApi(keyed.url)
})
afterAll(async () => {
  await shared.close()
  await keyed.close()
})

/** What each door says to a token, as a bearer and as the cookie of the seed. */
async function statusesFor(url: string, token: string): Promise<number[]> {
  const authorization = `Bearer ${token}`
  const cookie = `x-auth-phone=${token}`
  const answers = await Promise.all([
    call(`${url}/_portero/api/me`, { headers: { authorization } }),
    call(`${url}/_portero/auth`, { headers: { authorization } }),
    call(`${url}/app`, { headers: { authorization } }),
    call(`${url}/_portero/api/me`, { headers: { cookie } }),
    call(`${url}/_portero/auth`, { headers: { cookie } }),
    call(`${url}/app`, { headers: { cookie } }),
  ])
  return answers.map(({ status }) => status)
}

const shut = [401, 401, 401, 401, 401, 401]
const open = [200, 200, 200, 200, 200, 200]

describe('a token at the doors', () => {
  it('opens each of them when it is as it was issued', async () => {
    expect(await statusesFor(shared.url, person.token)).toEqual(open)
    expect(await statusesFor(keyed.url, keyedPerson.token)).toEqual(open)
    const claims = decodeJwt(person.token)
    expect(await statusesFor(shared.url, hs({ alg: 'HS256', typ: 'at+jwt' }, claims))).toEqual(open)
  })

  it('opens none without a signature, whatever it calls its algorithm', async () => {
    const claims = decodeJwt(person.token)
    for (const alg of ['none', 'None', 'nOnE', 'NONE', '', null, 'HS512', 'RS256', ['HS256'], 0, undefined]) {
      const input = `${encode({ alg, typ: 'at+jwt' })}.${encode(claims)}`
      for (const token of [`${input}.`, `${input}.${hmac(secret, input)}`]) {
        expect(await statusesFor(shared.url, token), String(alg)).toEqual(shut)
      }
      expect(await statusesFor(keyed.url, `${input}.`)).toEqual(shut)
    }
  })

  it('opens none when the published key is used as a secret', async () => {
    const [jwk] = (await call(`${keyed.url}/_portero/jwks.json`)).json.keys
    const { kid } = decodeProtectedHeader(keyedPerson.token)
    const key = createPublicKey({ format: 'jwk', key: jwk })
    const pem = key.export({ type: 'spki', format: 'pem' }) as string
    const der = key.export({ type: 'spki', format: 'der' })
    const keys = [
      pem,
      ` ${pem}`,
      pem.trim(),
      der,
      der.toString('base64'),
      JSON.stringify(jwk),
      jwk.x,
      '',
      'secret',
    ]
    for (const forged of keys) {
      for (const header of [
        { alg: 'HS256', typ: 'at+jwt', kid },
        { alg: 'ES256', typ: 'at+jwt', kid },
      ]) {
        const token = hs(header, decodeJwt(keyedPerson.token), forged)
        expect(await statusesFor(keyed.url, token)).toEqual(shut)
      }
    }
  })

  it('opens none when it brings its own key, and nobody goes to fetch one', async () => {
    let visits = 0
    const trap = createServer((_, res) => {
      visits += 1
      res.end('{}')
    })
    trap.on('connection', () => {
      visits += 1
    })
    await new Promise<void>((done) => trap.listen(0, '127.0.0.1', done))
    const at = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/jwks.json`
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = publicKey.export({ format: 'jwk' })
    const { kid } = decodeProtectedHeader(keyedPerson.token)
    for (const extra of [
      { jwk },
      { jku: at },
      { x5u: at },
      { x5c: ['AAAA'] },
      { x5t: 'AAAA' },
      { jwk, kid: 'other' },
    ]) {
      const header = { alg: 'ES256', typ: 'at+jwt', kid, ...extra }
      const input = `${encode(header)}.${encode(decodeJwt(keyedPerson.token))}`
      const mark = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      expect(await statusesFor(keyed.url, `${input}.${mark.toString('base64url')}`)).toEqual(shut)
    }
    expect(visits).toBe(0)
    trap.close()
  })

  it('opens none with a key id that is a path, a statement, too long, of another type, missing or unknown', async () => {
    const [, claims, mark] = keyedPerson.token.split('.') as [string, string, string]
    const kids = [
      '../../dev/null',
      "' or 1=1--",
      'k'.repeat(3000),
      ['a'],
      {},
      null,
      1,
      undefined,
      'retired',
      '__proto__',
    ]
    for (const kid of kids) {
      const token = `${encode({ alg: 'ES256', typ: 'at+jwt', kid })}.${claims}.${mark}`
      expect(await statusesFor(keyed.url, token)).toEqual(shut)
    }
  })

  it('opens none outside its time, or with a time that is none', async () => {
    const claims = decodeJwt(person.token)
    const now = Math.floor(Date.now() / 1000)
    const header = { alg: 'HS256', typ: 'at+jwt' }
    for (const [name, value] of [
      ...[now - 1, String(now + 600), -1, now + 0.5, null, undefined, {}, true].map((exp) => ['exp', exp]),
      ...[now + 3600, String(now), null, undefined].map((iat) => ['iat', iat]),
      ...[now + 120, 'soon', null].map((nbf) => ['nbf', nbf]),
    ] as [string, unknown][]) {
      const token = hs(header, { ...claims, [name]: value })
      expect(await statusesFor(shared.url, token), `${name} ${String(value)}`).toEqual(shut)
    }
    const infinite = JSON.stringify({ ...claims, exp: 0 }).replace('"exp":0', '"exp":1e999')
    const token = hs(header, Buffer.from(infinite).toString('base64url'))
    expect(await statusesFor(shared.url, token)).toEqual(shut)
  })

  it('opens none for another audience, of another issuer, of another kind, or about somebody else', async () => {
    const claims = decodeJwt(person.token)
    const { iss } = claims as { iss: string }
    const header = { alg: 'HS256', typ: 'at+jwt' }
    const changes: Record<string, unknown>[] = [
      ...['openwebui', ['portero', 'openwebui'], ['portero'], undefined, 'portero.evil', 'Portero', ''].map(
        (aud) => ({ aud }),
      ),
      ...[`${iss}/`, iss.toUpperCase(), 'open-webui', undefined, [iss], ''].map((value) => ({ iss: value })),
      ...[undefined, 'x', 1, crypto.randomUUID()].map((sid) => ({ sid })),
      ...[undefined, 1].map((sub) => ({ sub })),
      ...[undefined, 'x', '0.x', '-1.x'].map((jti) => ({ jti })),
    ]
    for (const change of changes) {
      expect(
        await statusesFor(shared.url, hs(header, { ...claims, ...change })),
        JSON.stringify(change),
      ).toEqual(shut)
    }
    for (const typ of ['JWT', 'logout+jwt', 'id+jwt', undefined, 'AT+JWT ', 'application/at+jwt']) {
      expect(await statusesFor(shared.url, hs({ alg: 'HS256', typ }, claims)), String(typ)).toEqual(shut)
    }
    expect(await statusesFor(shared.url, hs({ ...header, crit: ['b64'], b64: false }, claims))).toEqual(shut)
  })

  it('opens none when it is a refresh token, a session cookie, an assertion for the app, or of another Portero', async () => {
    const asked = await call(`${keyed.url}/_portero/auth`, { headers: { cookie: keyedPerson.cookie } })
    const assertion = String(asked.headers['x-portero-jwt'])
    expect(decodeProtectedHeader(assertion).alg).toBe('ES256')
    expect(decodeJwt(assertion)).not.toHaveProperty('sid')
    const others = [keyedPerson.refreshToken, keyedPerson.cookies.portero!, assertion, person.token]
    for (const token of others) expect(await statusesFor(keyed.url, token)).toEqual(shut)
    expect(await statusesFor(shared.url, keyedPerson.token)).toEqual(shut)
  })

  it('opens none with a signature of zeros, in another encoding, or cut', async () => {
    const [head, body, mark] = keyedPerson.token.split('.') as [string, string, string]
    const raw = Buffer.from(mark, 'base64url')
    const marks = [
      ...[Buffer.alloc(64).toString('base64url'), Buffer.alloc(0).toString('base64url'), mark.slice(0, -2)],
      ...[
        `${mark}=`,
        `${mark}AA`,
        raw.toString('base64'),
        raw.toString('hex'),
        Buffer.concat([raw, raw]).toString('base64url'),
      ],
    ]
    for (const forged of marks) {
      if (forged === mark) continue
      expect(await statusesFor(keyed.url, `${head}.${body}.${forged}`), forged).toEqual(shut)
    }
    for (const token of [
      `${head}.${body}`,
      `${head}.${body}.${mark}.${mark}`,
      `.${body}.${mark}`,
      '..',
      '.',
      'x',
    ]) {
      expect(await statusesFor(keyed.url, token)).toEqual(shut)
    }
  })

  it('is refused however large it is', async () => {
    const claims = decodeJwt(person.token)
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`c${i}`, i]))
    const deep = `{"a":${'['.repeat(2500)}${']'.repeat(2500)}}`
    for (const token of [
      hs({ alg: 'HS256', typ: 'at+jwt' }, { ...claims, ...many }),
      hs({ alg: 'HS256', typ: 'at+jwt' }, Buffer.from(deep).toString('base64url')),
      'x'.repeat(14_000),
      `${'.'.repeat(14_000)}`,
    ]) {
      const answer = await call(`${shared.url}/_portero/api/me`, {
        headers: { authorization: `Bearer ${token}` },
      })
      expect(answer.status).toBe(401)
    }
    const huge = await call(`${shared.url}/_portero/auth`, {
      headers: { authorization: `Bearer ${'x'.repeat(64_000)}` },
    })
    expect(huge.status).toBe(413 + 18)
  })

  it('is refused, never a bug, when Authorization holds something else', async () => {
    const values = [
      ...['Bearer', 'Bearer ', 'Bearer  x', 'Bearer %00', 'Basic YTpi', 'bearer', `Token ${person.token}`],
      ...[
        `Bearer ${person.token} ${person.token}`,
        `Bearer ${person.token},`,
        `Bearer"${person.token}"`,
        '\u00ff\u00fe',
        'Digest x="',
      ],
    ]
    for (const authorization of values) {
      const answer = await call(`${shared.url}/_portero/api/me`, { headers: { authorization } })
      expect([answer.status, answer.json.code], authorization).toEqual([401, 'invalid_token'])
      expect(answer.headers['www-authenticate']).toContain('Bearer')
      expect((await call(`${shared.url}/_portero/auth`, { headers: { authorization } })).status).toBe(401)
    }
    const twice = await sendRaw(
      shared.port,
      rawRequest('GET /_portero/api/me', [
        ...[
          'Host: localhost',
          'Connection: close',
          'Authorization: Basic YTpi',
          `Authorization: Bearer ${person.token}`,
        ],
      ]),
    )
    expect(statusesOf(twice)).toEqual([400])
    expect((await call(`${shared.url}/_portero/api/me`)).json.code).toBe('not_signed_in')
  })

  it('merges nothing into anything', async () => {
    const claims = JSON.stringify(decodeJwt(person.token))
    const polluted = `${claims.slice(0, -1)},"__proto__":{"role":"admin"},"constructor":{"prototype":{"role":"admin"}}}`
    const token = hs({ alg: 'HS256', typ: 'at+jwt' }, Buffer.from(polluted).toString('base64url'))
    const answer = await call(`${shared.url}/_portero/api/me`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect([answer.status, answer.json.role]).toEqual([200, null])
    expect(({} as Record<string, unknown>).role).toBeUndefined()
  })

  it('made no bug, and asked nobody', () => {
    for (const portero of [shared, keyed])
      expect(portero.logged.filter(({ text }) => /bug/.test(text))).toEqual([])
  })
})

describe('which credential counts', () => {
  it('is the session cookie before the JWT, and a JWT of another session beside it is ignored', async () => {
    const other = await signInByApi(shared.url)
    const cookie = `portero=${person.cookies.portero}; x-auth-phone=${other.token}`
    const seen = await call(`${shared.url}/_portero/api/me`, {
      headers: { cookie, authorization: `Bearer ${other.token}` },
    })
    expect(seen.json.id).toBe(person.personId)
    const dead = `portero=${person.cookies.portero!.slice(0, -2)}xx; x-auth-phone=${other.token}`
    expect((await call(`${shared.url}/_portero/api/me`, { headers: { cookie: dead } })).json.id).toBe(
      other.personId,
    )
    await call(`${shared.url}/_portero/api/signout`, {
      json: {},
      headers: { authorization: `Bearer ${other.token}` },
    })
    // A live cookie of another session is needed for the ended one's bearer to be passed over.
    const ended = await call(`${shared.url}/_portero/api/me`, {
      headers: { authorization: `Bearer ${other.token}` },
    })
    expect(ended.status).toBe(401)
  })
})
