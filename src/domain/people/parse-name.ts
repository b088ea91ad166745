import { Refusal } from '../errors.ts'

const lengthMax = 80

/**
 * A person's name as typed: composed, without control or direction characters, spaces folded, 1 to 80 characters.
 * Refuses with `invalid_name`.
 */
export function parseName(typed: string): string {
  if (typed.length > 10 * lengthMax) throw new Refusal('invalid_name')
  const name = typed
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
  if (name === '' || [...name].length > lengthMax || !/\p{L}/u.test(name)) throw new Refusal('invalid_name')
  return name
}
