import { randomBytes } from 'node:crypto'
import type { Session } from '../sessions/session.ts'
import { type JwtSigner, signJwt, verifyJwt } from './jwt.ts'

/** RFC 9068: says that a JWT is an access token, so that no other kind of token passes for one. */
const typ = 'at+jwt'
const audience = 'portero'

/** Clocks of machines that share a secret differ a little; more than this is another time. */
const leewaySeconds = 30

/** No configuration makes a token live longer. */
const lifeMaxSeconds = 1800

/** What a checked access token says, as far as Portero itself reads it. */
export type AccessClaims = {
  readonly sessionId: string
  readonly personId: string
  /** Which generation of the session's refresh tokens it came with. */
  readonly generation: number
  readonly issuedAtSeconds: number
  readonly expiresAtSeconds: number
}

export type AccessTokens = {
  /** A signed JWT for this session, `expiresInSeconds` long and never longer than the session itself. */
  issue(session: Session): { token: string; expiresInSeconds: number }
  /** What a token says if Portero issued it for itself and it has not expired; undefined otherwise. Remembers what it has checked. */
  read(token: string): AccessClaims | undefined
}

type Options = {
  signer: JwtSigner
  issuer: string
  ttlSeconds: number
  now: () => number
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

const rememberedMax = 10_000

/** Issues and reads access tokens. `acr` is never more than `verified`: whether a proof is fresh follows from `auth_time`. */
export function openAccessTokens({ signer, issuer, ttlSeconds, now }: Options): AccessTokens {
  const remembered = new Map<string, AccessClaims>()

  const check = (token: string): AccessClaims | undefined => {
    const claims = verifyJwt(signer, typ, token)
    if (claims?.iss !== issuer || claims.aud !== audience) return undefined
    const { sub, sid, jti, iat, exp } = claims
    if (typeof sub !== 'string' || typeof sid !== 'string' || typeof jti !== 'string') return undefined
    // Ours are UUIDs, and never wait for a time to begin. Whoever shares the secret could write anything.
    if (!uuid.test(sub) || !uuid.test(sid) || 'nbf' in claims) return undefined
    if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp)) return undefined
    if ((exp as number) - (iat as number) > lifeMaxSeconds) return undefined
    const generation = Number(jti.slice(0, jti.indexOf('.')))
    if (!Number.isSafeInteger(generation) || generation < 1) return undefined
    return {
      sessionId: sid,
      personId: sub,
      generation,
      issuedAtSeconds: iat as number,
      expiresAtSeconds: exp as number,
    }
  }

  return {
    issue(session) {
      const iat = Math.floor(now() / 1000)
      const exp = Math.min(iat + ttlSeconds, Math.ceil(session.endsAt / 1000))
      const token = signJwt(signer, typ, {
        iss: issuer,
        aud: audience,
        sub: session.person.id,
        sid: session.id,
        jti: `${session.generation}.${randomBytes(12).toString('base64url')}`,
        iat,
        exp,
        auth_time: Math.floor(session.provedAt / 1000),
        acr: 'verified',
        amr: session.amr,
        phone_number: session.phone,
        phone_number_verified: true,
        ...(session.person.name === undefined ? {} : { name: session.person.name }),
      })
      return { token, expiresInSeconds: exp - iat }
    },
    read(token) {
      let claims = remembered.get(token)
      if (claims === undefined) {
        claims = check(token)
        if (claims === undefined) return undefined
        if (remembered.size >= rememberedMax) remembered.delete(remembered.keys().next().value!)
        remembered.set(token, claims)
      }
      const seconds = now() / 1000
      if (seconds >= claims.expiresAtSeconds || claims.issuedAtSeconds > seconds + leewaySeconds) {
        remembered.delete(token)
        return undefined
      }
      return claims
    },
  }
}
