import { Refusal } from '../domain/errors.ts'
import type { ClientAddress } from './client-address.ts'

/**
 * Lets sign-in happen over https, or from this very machine; refuses it with `insecure_transport` where a code or a token
 * would travel in the clear. What a proxy says of scheme and address counts only from a trusted one: then plain http that
 * reached it from elsewhere is refused, although the proxy itself may run on this machine.
 */
export function requireSafeTransport({ scheme, address }: Pick<ClientAddress, 'scheme' | 'address'>): void {
  if (scheme === 'https' || address === '::1' || address.startsWith('127.')) return
  throw new Refusal('insecure_transport')
}
