/**
 * A text from outside as PostgreSQL can keep it, in a column or in JSON: no NUL, no half of a surrogate pair, and at most
 * `lengthMax` UTF-16 units, cut between characters.
 */
export function storableText(text: string, lengthMax: number): string {
  const plain = text.replaceAll('\0', '').toWellFormed()
  if (plain.length <= lengthMax) return plain
  const cut = plain.slice(0, lengthMax)
  // The first half of a pair whose second was cut off.
  return cut.isWellFormed() ? cut : cut.slice(0, -1)
}
