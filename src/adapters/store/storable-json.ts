import { storableText } from '../../lib/storable-text.ts'

/** A value as `jsonb` takes it: an escaped NUL or half a surrogate pair is refused there. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? storableText(part, Number.MAX_SAFE_INTEGER) : part,
  )
}
