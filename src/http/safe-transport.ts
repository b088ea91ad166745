import { Refusal } from '../domain/errors.ts'
import { type ClientAddress, canonicalAddress } from './client-address.ts'

/**
 * Lets sign-in happen over https, or from this very machine; refuses it with `insecure_transport` where a code or a token
 * would travel in the clear. What a proxy says of the scheme counts only from a trusted one.
 */
export function requireSafeTransport(client: Pick<ClientAddress, 'scheme'>, peer: string | undefined): void {
  if (client.scheme === 'https') return
  const address = canonicalAddress(peer ?? '')
  if (address === '::1' || address?.startsWith('127.')) return
  throw new Refusal('insecure_transport')
}
