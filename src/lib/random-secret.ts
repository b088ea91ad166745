import { createHash, randomBytes } from 'node:crypto'

/** A random secret of 128 bits for a cookie, or an id of the same strength, as text for a URL. */
export function randomSecret(): string {
  return randomBytes(16).toString('base64url')
}

/** What is stored of a random secret. A plain hash suffices: 128 random bits cannot be searched. */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
