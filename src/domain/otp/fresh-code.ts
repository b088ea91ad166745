import { randomSecret } from '../../lib/random-secret.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { KeySet } from '../tokens/keyring.ts'
import { type CodeSeed, codeProof, type Digits, deriveCode } from './code-key.ts'

/** What a new challenge is made of, with the proofs of both lengths; the store keeps one of them. */
export type FreshCode = CodeSeed & { readonly proof6: Buffer; readonly proof8: Buffer }

/** A code to sign in with a phone, for a challenge that does not exist yet. */
export function freshCode(keys: KeySet, phone: PhoneNumber, challengeId: string): FreshCode {
  const seed = { challengeId, salt: Buffer.from(randomSecret(), 'base64url'), keyId: keys.id }
  const proofOf = (digits: Digits): Buffer => {
    const code = deriveCode(keys.code, { purpose: 'sign_in', phone, ...seed, digits })
    return codeProof(keys.code, { purpose: 'sign_in', phone, code })
  }
  return { ...seed, proof6: proofOf(6), proof8: proofOf(8) }
}
