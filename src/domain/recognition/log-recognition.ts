import type { Log } from '../log.ts'
import { maskPhone } from '../phones/phone-facts.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { Recognition } from './recognition-store.ts'

/** What came of looking for the person of a phone, in one word. */
export type RecognitionResult = 'known' | 'nobody' | 'expired' | 'gone' | 'blocked' | 'shared'

/** The word for a recognition. */
export function resultOf({ person, lost, isBlocked, isShared }: Recognition): RecognitionResult {
  if (isBlocked) return 'blocked'
  if (isShared) return 'shared'
  return person === undefined ? (lost ?? 'nobody') : 'known'
}

const sentences: Readonly<Record<RecognitionResult, string>> = {
  known: 'recognised',
  nobody: 'not known yet',
  expired: 'its memory has run out',
  gone: 'its person is gone',
  blocked: 'may not come in',
  shared: 'shared by many, never remembered',
}

/** Writes the line that readers of the bot's log search for by its sign. */
export function logRecognition(log: Log, phone: PhoneNumber, result: RecognitionResult): void {
  log.info({ phone: maskPhone(phone), result }, `🔍 ${maskPhone(phone)} ${sentences[result]}`)
}
