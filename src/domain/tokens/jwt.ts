import { createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'
import type { Keyring } from './keyring.ts'

/** How tokens of one kind are signed. Nothing that stands in a token chooses it (RFC 8725 §3.1). */
export type JwtSigner =
  | { readonly alg: 'HS256'; readonly secret: KeyObject }
  | { readonly alg: 'ES256'; readonly keyring: Keyring }

/** Longest token that is looked at. */
const lengthMax = 4096

/** Signs claims. Synchronous, since it stands on the hot path. */
export function signJwt(signer: JwtSigner, typ: string, claims: object): string {
  const kid = signer.alg === 'ES256' ? { kid: signer.keyring.current.id } : {}
  const input = `${encode({ alg: signer.alg, typ, ...kid })}.${encode(claims)}`
  return `${input}.${signatureOf(signer, input).toString('base64url')}`
}

/**
 * The claims of a token of this kind that this signer signed; undefined for anything else: another algorithm or type,
 * keys offered by the token itself, an encoding that is not the canonical one. Does not look at any claim.
 */
export function verifyJwt(
  signer: JwtSigner,
  typ: string,
  token: string,
): Record<string, unknown> | undefined {
  if (token.length > lengthMax) return undefined
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  const [head, body, mark] = parts as [string, string, string]
  const header = decode(head)
  if (header?.alg !== signer.alg || header.typ !== typ || 'crit' in header) return undefined
  const signature = Buffer.from(mark, 'base64url')
  if (signature.toString('base64url') !== mark) return undefined
  if (!isSignedBy(signer, header.kid, `${head}.${body}`, signature)) return undefined
  return decode(body)
}

function signatureOf(signer: JwtSigner, input: string): Buffer {
  if (signer.alg === 'HS256') return createHmac('sha256', signer.secret).update(input).digest()
  return sign('sha256', Buffer.from(input), {
    key: signer.keyring.current.signing,
    dsaEncoding: 'ieee-p1363',
  })
}

function isSignedBy(signer: JwtSigner, kid: unknown, input: string, signature: Buffer): boolean {
  if (signer.alg === 'HS256') {
    const expected = createHmac('sha256', signer.secret).update(input).digest()
    return signature.length === expected.length && timingSafeEqual(signature, expected)
  }
  const keys = typeof kid === 'string' ? signer.keyring.find(kid) : undefined
  if (keys === undefined || signature.length !== 64) return false
  return verify(
    'sha256',
    Buffer.from(input),
    { key: keys.signingPublic, dsaEncoding: 'ieee-p1363' },
    signature,
  )
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
