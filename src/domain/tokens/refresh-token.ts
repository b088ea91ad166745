import type { Keyring } from './keyring.ts'
import { seal, unseal } from './sealed-id.ts'

/** A refresh token: session id and generation, sealed. Only the generation's counter is stored. */
export function refreshToken(keyring: Keyring, sessionId: string, generation: number): string {
  return seal(keyring, 'refresh', `${sessionId}.${generation}`)
}

/** What a refresh token says; undefined unless Portero wrote it. */
export function readRefreshToken(
  keyring: Keyring,
  value: string,
): { sessionId: string; generation: number } | undefined {
  const body = unseal(keyring, 'refresh', value)
  if (body === undefined) return undefined
  const dot = body.indexOf('.')
  return { sessionId: body.slice(0, dot), generation: Number(body.slice(dot + 1)) }
}
