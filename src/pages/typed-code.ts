/** Longest text that is looked at: a whole message pasted into the field, with the code somewhere in it. */
const textMax = 500

/**
 * The digits of a code as people bring it: with spaces, hyphens, full-width digits, or the message around it.
 * Undefined when there are not exactly so many, which is then no guess and costs no try.
 */
export function typedCode(text: string, digits: number): string | undefined {
  if (text.length > textMax) return undefined
  const found = text.normalize('NFKC').replace(/\D/g, '')
  return found.length === digits ? found : undefined
}
