import type { PhoneNumber } from '../phones/phone-number.ts'
import type { DeclareLimits, DeclareOutcome } from '../recognition/recognition-store.ts'

/**
 * What a stranger has to show beside a document. `declared`: nothing. `code`: a code that goes to the number on record.
 * `proof`: that the number on record is the one that writes. `approval`: an administrator says yes.
 */
export const firstContactModes = ['declared', 'code', 'proof', 'approval'] as const
export type FirstContactMode = (typeof firstContactModes)[number]

/** What somebody has to show who is declared, and wants what only those get who are known by more. `none`: there is no way up. */
export const stepUpModes = ['code', 'approval', 'none'] as const
export type StepUpMode = (typeof stepUpModes)[number]

/** What became of a document, or a code, under a stricter first contact. */
export type FirstContactOutcome =
  | Extract<DeclareOutcome, { outcome: 'linked' }>
  /** `personId`: about whom; never to be told, nor shown by a difference. */
  | { readonly outcome: 'asked'; readonly personId: string | undefined; readonly isAlarming: boolean }
  | { readonly outcome: 'too_many_documents'; readonly isAlarming: boolean }

/** What became of six digits. `no_code`: none is waited for. */
export type CodeOutcome =
  | Extract<DeclareOutcome, { outcome: 'linked' }>
  | { readonly outcome: 'wrong_code' | 'no_code' }

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
  /**
   * Takes the six digits that came to the number on record: the link is attested by them where the channel proves who writes. One
   * code, a few tries, one use.
   */
  answer(phone: PhoneNumber, code: string, isProof: boolean): Promise<CodeOutcome>
  /**
   * Starts what makes sure of somebody whom this phone, proved, only declared to be. `no_number`: there is none on record that could
   * be asked now; never the phone itself.
   */
  stepUp(
    phone: PhoneNumber,
    personId: string,
    mode: Exclude<StepUpMode, 'none'>,
  ): Promise<'asked' | 'no_number'>
}
