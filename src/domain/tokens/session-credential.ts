import type { Keyring } from './keyring.ts'
import { seal, unseal } from './sealed-id.ts'

/** The value of the session cookie: the session's id and the proof that Portero wrote it. */
export function sessionCredential(keyring: Keyring, sessionId: string): string {
  return seal(keyring, 'cookie', sessionId)
}

/** The session id of a cookie value; undefined unless Portero wrote it. Says nothing of whether the session is alive. */
export function readSessionCredential(keyring: Keyring, value: string): string | undefined {
  return unseal(keyring, 'cookie', value)
}
