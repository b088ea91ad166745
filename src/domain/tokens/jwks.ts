import type { Keyring } from './keyring.ts'

/** The public keys that check Portero's ES256 signatures, as RFC 7517 has them; older ones stay while they verify. */
export function jwks(keyring: Keyring): { keys: Record<string, string>[] } {
  return {
    keys: keyring.all.map((set) => ({
      ...(set.signingPublic.export({ format: 'jwk' }) as Record<string, string>),
      kid: set.id,
      alg: 'ES256',
      use: 'sig',
    })),
  }
}
