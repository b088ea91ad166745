import type { PhoneNumber } from '../phones/phone-number.ts'
import type { DeclareLimits, DeclareOutcome } from '../recognition/recognition-store.ts'

/**
 * What a stranger has to show beside a document. `declared`: nothing. `code`: a code that goes to the number on record.
 * `proof`: that the number on record is the one that writes. `approval`: an administrator says yes.
 */
export const firstContactModes = ['declared', 'code', 'proof', 'approval'] as const
export type FirstContactMode = (typeof firstContactModes)[number]

/** What became of a document, or a code, under a stricter first contact. */
export type FirstContactOutcome =
  | Extract<DeclareOutcome, { outcome: 'linked' }>
  | { readonly outcome: 'asked' | 'wrong_code' }
  | { readonly outcome: 'too_many_documents'; readonly isAlarming: boolean }

/** The stricter first contacts. Whether somebody has the document shows in no answer, nor in the time that it takes. */
export interface FirstContact {
  /**
   * Takes a typed document, counts it, and starts whatever has to be shown. `linked` only when the number on record is the one
   * that writes, proved; `asked` for all else, present or absent.
   */
  request(
    phone: PhoneNumber,
    document: string,
    mode: Exclude<FirstContactMode, 'declared'>,
    limits: DeclareLimits,
    isProof: boolean,
  ): Promise<FirstContactOutcome>
  /** Takes the six digits that came to the number on record: the link is attested by them. One code, a few tries, one use. */
  answer(phone: PhoneNumber, code: string): Promise<FirstContactOutcome>
}
