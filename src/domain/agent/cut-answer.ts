/** Longest answer that goes into one message; WhatsApp takes no longer ones. */
export const answerMax = 4096

/** An answer that fits into one message: what is longer ends after a whole word, with a mark that there was more. */
export function cutAnswer(text: string): string {
  if (text.length <= answerMax) return text
  const head = text.slice(0, answerMax - 2)
  const lastGap = head.search(/\s\S*$/)
  // Without a gap for long it is no prose; half a character at the end is none either way.
  const whole = lastGap > answerMax / 2 ? head.slice(0, lastGap) : head.replace(/[\uD800-\uDBFF]$/, '')
  return `${whole.trimEnd()} …`
}
