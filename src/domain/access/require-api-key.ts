import { secretHash } from '../../lib/random-secret.ts'
import { Refusal } from '../errors.ts'
import type { ApiKey, ApiKeyStore, Scope } from './api-key-store.ts'

/** Says at first sight, and to scanners of leaked secrets, what a key is. */
const keyPrefix = 'portero_key_'

/** A new key's text: shown once, stored as a hash. */
export function apiKeyText(secret: string): string {
  return `${keyPrefix}${secret}`
}

/**
 * The API key in an `Authorization` header; undefined where there is no header. Refuses with `invalid_api_key` what is
 * no key of ours or was revoked, and with `scope_missing` a key that may not do this.
 */
export async function requireApiKey(
  needs: { apiKeyStore: ApiKeyStore },
  authorization: string | undefined,
  scope: Scope,
): Promise<ApiKey | undefined> {
  if (authorization === undefined) return undefined
  const [, text] = /^Bearer +(portero_key_[\w-]{22,86})$/i.exec(authorization) ?? []
  const key = text === undefined ? undefined : await needs.apiKeyStore.findKey(secretHash(text))
  if (key === undefined) throw new Refusal('invalid_api_key')
  if (!key.scopes.includes(scope)) throw new Refusal('scope_missing')
  return key
}
