import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'

/** Everything that is derived from one secret of the installation. */
export type KeySet = {
  /** Short public name of the secret; stands in cookies, rows and JWT headers. */
  readonly id: string
  readonly code: KeyObject
  readonly cookie: KeyObject
  readonly refresh: KeyObject
  readonly ticket: KeyObject
  readonly signing: KeyObject
  readonly signingPublic: KeyObject
}

/** The keys that Portero uses now, and those that it still accepts. */
export type Keyring = {
  readonly current: KeySet
  readonly all: readonly KeySet[]
  find(id: string): KeySet | undefined
}

/**
 * Opens the keys of an installation from its secrets (32 bytes or more each). The first one is used for everything new,
 * the others still verify: putting a new secret in front is a rotation.
 */
export function openKeyring(secrets: readonly [string, ...string[]]): Keyring {
  const all = secrets.map(deriveKeySet)
  const byId = new Map(all.map((set) => [set.id, set]))
  return { current: all[0]!, all, find: (id) => byId.get(id) }
}

function deriveKeySet(secret: string): KeySet {
  if (Buffer.byteLength(secret) < 32) throw new TypeError('a secret of the keyring needs at least 32 bytes')
  const derive = (purpose: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, 'portero', purpose, bytes))
  // Made once: an HMAC under a plain buffer makes a key of it each time, which is most of its cost.
  const keyFor = (purpose: string): KeyObject => createSecretKey(derive(purpose, 32))
  const signing = p256KeyOf(derive('app assertion', 48))
  return {
    id: derive('key id', 6).toString('base64url'),
    code: keyFor('code'),
    cookie: keyFor('cookie'),
    refresh: keyFor('refresh'),
    ticket: keyFor('ticket'),
    signing,
    signingPublic: createPublicKey(signing),
  }
}

const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** FIPS 186-5 A.2.1: a scalar from 64 bits more than the order has, so that the remainder is not noticeably biased. */
function p256KeyOf(material: Buffer): KeyObject {
  const scalar = (BigInt(`0x${material.toString('hex')}`) % (p256Order - 1n)) + 1n
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex')
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(d)
  const point = ecdh.getPublicKey()
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: d.toString('base64url'),
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  })
}
