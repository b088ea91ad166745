import { createHmac, createSecretKey, createSign, generateKeyPairSync } from 'node:crypto'
import { createLocalJWKSet, errors, jwtVerify, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { sessionAt } from '../../../test/support/sessions.ts'
import { slowdown } from '../../../test/support/slowdown.ts'
import { type AccessTokens, openAccessTokens } from './access-token.ts'
import { openAppAssertions } from './app-assertion.ts'
import { jwks } from './jwks.ts'
import type { JwtSigner } from './jwt.ts'
import { openKeyring } from './keyring.ts'

const secret = 'the secret that an app shares, of at least 32 bytes'
const keyring = openKeyring(['the first secret of these tests, long enough'])
const older = openKeyring(['the second secret of these tests, long enough'])
const issuer = 'https://portero.example'
const start = Date.parse('2026-03-01T12:00:00Z')
const signers = {
  HS256: { alg: 'HS256', secret: createSecretKey(Buffer.from(secret)) },
  ES256: { alg: 'ES256', keyring },
} as const

let now = start
const open = (signer: JwtSigner, over = {}): AccessTokens =>
  openAccessTokens({ signer, issuer, ttlSeconds: 900, now: () => now, ...over })

const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const hmac = (input: string, key: string | Buffer): string =>
  createHmac('sha256', key).update(input).digest('base64url')
const partsOf = (token: string) => token.split('.') as [string, string, string]
const read = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString())

describe.each(['HS256', 'ES256'] as const)('an access token signed with %s', (alg) => {
  const tokens = open(signers[alg])
  const session = sessionAt(start, { amr: ['otp', 'whatsapp'], generation: 3 })
  const { token } = tokens.issue(session)

  test('is what the independent library takes, with the claims that are promised', async () => {
    const key = alg === 'HS256' ? Buffer.from(secret) : createLocalJWKSet(jwks(keyring) as never)
    const { payload, protectedHeader } = await jwtVerify(token, key as never, {
      ...{ issuer, audience: 'portero', typ: 'at+jwt', algorithms: [alg], currentDate: new Date(start) },
    })
    expect(protectedHeader).toEqual(
      alg === 'HS256' ? { alg, typ: 'at+jwt' } : { alg, typ: 'at+jwt', kid: keyring.current.id },
    )
    expect(payload).toEqual({
      ...{ iss: issuer, aud: 'portero', sub: session.person.id, sid: session.id },
      ...{ jti: expect.stringMatching(/^3\.[\w-]{16}$/), iat: start / 1000, exp: start / 1000 + 900 },
      ...{ auth_time: start / 1000, acr: 'verified', amr: ['otp', 'whatsapp'] },
      ...{ phone_number: '+5511961234567', phone_number_verified: true, name: 'Ana Souza' },
    })
  })

  test('is read back, as often as one likes, until it expires to the second', () => {
    now = start
    const expected = {
      ...{ sessionId: session.id, personId: session.person.id, generation: 3 },
      ...{ issuedAtSeconds: start / 1000, expiresAtSeconds: start / 1000 + 900 },
    }
    expect(tokens.read(token)).toEqual(expected)
    now = start + 899_999
    expect(tokens.read(token)).toEqual(expected)
    now = start + 900_000
    expect(tokens.read(token)).toBeUndefined()
    expect(open(signers[alg]).read(token)).toBeUndefined()
    now = start - 30_000
    expect(open(signers[alg]).read(token)).toEqual(expected)
    now = start - 31_000
    expect(open(signers[alg]).read(token)).toBeUndefined()
    now = start
  })

  test('never outlives its session, and has no name where there is none', () => {
    const short = sessionAt(start, { endsAt: start + 60_000 }, { name: undefined })
    const issued = tokens.issue(short)
    expect(issued.expiresInSeconds).toBe(60)
    const claims = read(partsOf(issued.token)[1])
    expect(claims.exp).toBe(start / 1000 + 60)
    expect('name' in claims).toBe(false)
  })

  test('never is twice the same', () => expect(tokens.issue(session).token).not.toBe(token))

  const sign = (header: object, claims: unknown): Promise<string> | string => {
    const input = `${b64(header)}.${b64(claims)}`
    if (alg === 'HS256') return `${input}.${hmac(input, secret)}`
    const signature = createSign('sha256')
      .update(input)
      .sign({ key: keyring.current.signing, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }
  const good = { header: read(partsOf(token)[0]), claims: read(partsOf(token)[1]) }

  test('the test signs as Portero does', async () =>
    expect(tokens.read(await sign(good.header, good.claims))).toBeDefined())

  test.each([
    ['of another issuer', { iss: 'https://other.example' }],
    ['of an issuer with a slash', { iss: `${issuer}/` }],
    ['of an issuer in capitals', { iss: issuer.toUpperCase() }],
    ['for another audience', { aud: 'app' }],
    ['for an audience that begins alike', { aud: 'portero.evil' }],
    ['for a list of audiences', { aud: ['portero', 'app'] }],
    ['for nobody', { aud: undefined }],
    ['that expired a second ago', { exp: start / 1000 - 1 }],
    ['that expires in words', { exp: String(start / 1000 + 900) }],
    ['that expires in half a second’s steps', { exp: start / 1000 + 0.5 }],
    ['that expired before there was time', { exp: -1 }],
    ['that never expires', { exp: undefined }],
    ['that will be issued in an hour', { iat: start / 1000 + 3600 }],
    ['that was never issued', { iat: undefined }],
    ['that is not valid yet', { nbf: start / 1000 + 120 }],
    ['of no session', { sid: undefined }],
    ['of a session by no id', { sid: "' or 1=1 --" }],
    ['of a path for a session', { sid: '../../dev/null' }],
    ['of a list of sessions', { sid: [session.id] }],
    ['of nobody', { sub: undefined }],
    ['for longer than any token lives', { exp: Math.floor(start / 1000) + 3600 }],
    ['of no generation', { jti: 'x' }],
    ['of generation nought', { jti: '0.x' }],
    ['without an id', { jti: 7 }],
  ])('one %s is refused', async (_what, change) =>
    expect(tokens.read(await sign(good.header, { ...good.claims, ...change }))).toBeUndefined(),
  )

  test.each([
    ['none', { alg: 'none' }],
    ['None', { alg: 'None' }],
    ['no algorithm', { alg: undefined }],
    ['an empty algorithm', { alg: '' }],
    ['another one', { alg: alg === 'HS256' ? 'ES256' : 'HS256' }],
    ['a list', { alg: [alg] }],
    ['hs512', { alg: 'HS512' }],
    ['no type', { typ: undefined }],
    ['the type of an ID token', { typ: 'JWT' }],
    ['the type of an assertion', { typ: 'portero-identity+jwt' }],
    ['a critical extension', { crit: ['exp'] }],
  ])('a header that says %s is refused, whatever the signature', async (_what, change) => {
    const signed = await sign({ ...good.header, ...change }, good.claims)
    expect(tokens.read(signed)).toBeUndefined()
    expect(tokens.read(`${signed.slice(0, signed.lastIndexOf('.'))}.`)).toBeUndefined()
  })

  test('claims from another world change nothing', async () => {
    const [head] = partsOf(token)
    const text = JSON.stringify(good.claims).replace(
      '{',
      '{"__proto__":{"admin":true},"constructor":{"prototype":{}},',
    )
    const input = `${head}.${b64(text)}`
    const signed = (await sign(good.header, good.claims)) && (await signText(input))
    expect(tokens.read(signed)).toMatchObject({ sessionId: session.id })
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })
  const signText = (input: string): string =>
    alg === 'HS256'
      ? `${input}.${hmac(input, secret)}`
      : `${input}.${createSign('sha256').update(input).sign({ key: keyring.current.signing, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`

  test.each(['[]', 'null', '"text"', '1', '{', '', '{"iss":1e999}', '['.repeat(1500)])(
    'a body of %j is refused',
    async (body) => expect(tokens.read(signText(`${partsOf(token)[0]}.${b64(body)}`))).toBeUndefined(),
  )

  test('a signature that is cut, lengthened, empty or spelled otherwise is refused', () => {
    const [head, body, mark] = partsOf(token)
    for (const other of ['', mark.slice(0, -1), `${mark}A`, `${mark}=`, `${mark} `, mark.toUpperCase()])
      expect(tokens.read(`${head}.${body}.${other}`)).toBeUndefined()
    expect(tokens.read(`${head}.${body}`)).toBeUndefined()
    expect(tokens.read(`${token}.${mark}`)).toBeUndefined()
    expect(tokens.read(` ${token}`)).toBeUndefined()
  })

  test('a huge token is refused in time that is linear', async () => {
    const of = (length: number) => `${partsOf(token)[0]}.${'A'.repeat(length)}.${partsOf(token)[2]}`
    const read = (huge: string) => expect(tokens.read(huge)).toBeUndefined()
    expect(await slowdown(read, { short: of(1024), long: of(65_536), runs: 3 })).toBeLessThan(1000)
  })
})

describe('keys offered by a token', () => {
  const es256 = open(signers.ES256)
  const session = sessionAt(start)
  const claims = { ...read(partsOf(es256.issue(session).token)[1]) }
  const pem = keyring.current.signingPublic.export({ format: 'pem', type: 'spki' }).toString()
  const der = keyring.current.signingPublic.export({ format: 'der', type: 'spki' })
  const jwk = JSON.stringify(keyring.current.signingPublic.export({ format: 'jwk' }))

  test.each([
    ['PEM', pem],
    ['PEM after a space', ` ${pem}`],
    ['DER', der],
    ['JWK', jwk],
    ['published JWK', JSON.stringify(jwks(keyring).keys[0])],
    ['empty', ''],
  ])('the public key is no secret for HS256: %s', (_form, key) => {
    const input = `${b64({ alg: 'HS256', typ: 'at+jwt', kid: keyring.current.id })}.${b64(claims)}`
    expect(es256.read(`${input}.${hmac(input, key)}`)).toBeUndefined()
    expect(open(signers.HS256).read(`${input}.${hmac(input, key)}`)).toBeUndefined()
  })

  test('one of the attacker’s own is not looked at, in whatever header it stands', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const own = publicKey.export({ format: 'jwk' })
    for (const extra of [
      { jwk: own },
      { jku: 'http://127.0.0.1:1/jwks' },
      { x5u: 'http://127.0.0.1:1/' },
      { x5c: ['AAAA'] },
    ]) {
      for (const kid of [keyring.current.id, undefined, 'attacker']) {
        const signed = await new SignJWT(claims)
          .setProtectedHeader({
            alg: 'ES256',
            typ: 'at+jwt',
            ...(kid === undefined ? {} : { kid }),
            ...extra,
          })
          .sign(privateKey)
        expect(es256.read(signed)).toBeUndefined()
      }
    }
  })

  test.each(['../../dev/null', "' OR 1=1--", 'k'.repeat(2000), '__proto__', '', 7, null, ['a'], {}])(
    'kid %j finds nothing',
    (kid) => {
      const [, body, mark] = partsOf(es256.issue(session).token)
      expect(es256.read(`${b64({ alg: 'ES256', typ: 'at+jwt', kid })}.${body}.${mark}`)).toBeUndefined()
    },
  )

  test('psychic and DER signatures are none', () => {
    const [head, body, mark] = partsOf(es256.issue(session).token)
    expect(es256.read(`${head}.${body}.${Buffer.alloc(64).toString('base64url')}`)).toBeUndefined()
    const der = createSign('sha256').update(`${head}.${body}`).sign(keyring.current.signing)
    expect(es256.read(`${head}.${body}.${der.toString('base64url')}`)).toBeUndefined()
    expect(es256.read(`${head}.${body}.${mark}`)).toBeDefined()
  })

  test('a token from before a rotation is read until its key is taken out', () => {
    const rotated = openKeyring([
      'the second secret of these tests, long enough',
      'the first secret of these tests, long enough',
    ])
    const { token } = es256.issue(session)
    expect(open({ alg: 'ES256', keyring: rotated }).read(token)).toBeDefined()
    expect(open({ alg: 'ES256', keyring: older }).read(token)).toBeUndefined()
  })
})

describe('the assertion for the app behind', () => {
  let ms = start
  const assertions = openAppAssertions({ keyring, issuer, audience: 'https://app.example', now: () => ms })
  const session = sessionAt(start, {}, { name: undefined, role: undefined, groups: ['a', 'b'] })

  test('says who it is, to the independent library, and names no session', async () => {
    const token = assertions.assertionFor(session, 'confirmed')
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks(keyring) as never), {
      ...{
        issuer,
        audience: 'https://app.example',
        typ: 'portero-identity+jwt',
        currentDate: new Date(start),
      },
    })
    expect(protectedHeader.alg).toBe('ES256')
    expect(payload).toEqual({
      ...{ iss: issuer, aud: 'https://app.example', sub: session.person.id, iat: start / 1000 },
      ...{ exp: start / 1000 + 60, auth_time: start / 1000, acr: 'confirmed', amr: ['otp', 'sms'] },
      ...{ phone_number: '+5511961234567', phone_number_verified: true, email: 'u-0@people.example' },
      ...{ name: '', role: '', groups: ['a', 'b'] },
    })
    await expect(
      jwtVerify(token, createLocalJWKSet(jwks(older) as never), { currentDate: new Date(start) }),
    ).rejects.toThrow(errors.JWKSNoMatchingKey)
  })

  test('opens nothing of Portero itself', () => {
    const token = assertions.assertionFor(session, 'verified')
    for (const signer of Object.values(signers))
      expect(open(signer, { audience: 'x' }).read(token)).toBeUndefined()
  })

  test('is handed out again for twenty seconds, and at once anew for another level or another state of the session', () => {
    const first = assertions.assertionFor(session, 'confirmed')
    ms = start + 19_999
    expect(assertions.assertionFor(session, 'confirmed')).toBe(first)
    ms = start + 20_000
    const second = assertions.assertionFor(session, 'confirmed')
    expect(second).not.toBe(first)
    expect(read(partsOf(second)[1]).exp).toBe(start / 1000 + 80)
    expect(read(partsOf(assertions.assertionFor(session, 'verified'))[1]).acr).toBe('verified')
    const renamed = { ...session, person: { ...session.person, name: 'Otra' } }
    expect(read(partsOf(assertions.assertionFor(renamed, 'verified'))[1]).name).toBe('Otra')
  })
})
