import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Keyring, KeySet } from './keyring.ts'

/** What a seal is for; each purpose has a key of its own. */
export type SealKey = 'cookie' | 'refresh' | 'ticket'

/**
 * A value that carries its own proof: `<body>.<key id>.<HMAC>`. Nothing of it is stored, and whoever has the key can make
 * it again. `key` tells which of the keys, so that a seal made for one purpose is worthless for another.
 */
export function seal(keyring: Keyring, key: SealKey, body: string): string {
  const keys = keyring.current
  return `${body}.${keys.id}.${mac(keys, key, body).toString('base64url')}`
}

/** The body of a sealed value; undefined when it was not sealed by one of these keys, or not spelled exactly so. */
export function unseal(keyring: Keyring, key: SealKey, value: string): string | undefined {
  if (value.length > 256) return undefined
  const markAt = value.lastIndexOf('.')
  const idAt = value.lastIndexOf('.', markAt - 1)
  if (idAt <= 0) return undefined
  const keys = keyring.find(value.slice(idAt + 1, markAt))
  if (keys === undefined) return undefined
  const body = value.slice(0, idAt)
  const mark = value.slice(markAt + 1)
  const given = Buffer.from(mark, 'base64url')
  const expected = mac(keys, key, body)
  if (given.length !== expected.length || given.toString('base64url') !== mark) return undefined
  return timingSafeEqual(given, expected) ? body : undefined
}

function mac(keys: KeySet, key: SealKey, body: string): Buffer {
  return createHmac('sha256', keys[key]).update(body).digest()
}
