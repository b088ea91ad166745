/** Longer messages are sentences, never a command or a name; what is not looked at costs no time. */
const lengthMax = 200

/**
 * A short message as bare words, so that spellings of one thing are equal: no capitals, accents, punctuation, emoji, marks of
 * direction, or letters drawn out (`Holaaa!!` is `hola`). No words for a long message. Linear in what it looks at.
 */
export function foldWords(text: string): string[] {
  if (text.length > lengthMax) return []
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}'’`´]/gu, '')
    .toLowerCase()
    .replace(/(\p{L})\1{2,}/gu, '$1')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}
