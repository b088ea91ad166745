/**
 * A long text in pieces of at most `lengthMax` UTF-16 units, cut where a reader would: after a paragraph, a line, a sentence, a
 * word. Only white space at the cuts is lost; no character is cut in two.
 */
export function splitText(text: string, lengthMax: number): string[] {
  const pieces: string[] = []
  let rest = text.trim()
  while (rest.length > lengthMax) {
    const end = cutOf(rest, lengthMax)
    pieces.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  if (rest !== '') pieces.push(rest)
  return pieces
}

function cutOf(text: string, lengthMax: number): number {
  const window = text.slice(0, lengthMax + 1)
  for (const mark of ['\n\n', '\n', '. ', ' ']) {
    const at = window.lastIndexOf(mark)
    // A cut in the first half would leave more pieces than a reader likes.
    if (at >= lengthMax / 2) return mark === '. ' ? at + 1 : at
  }
  const isHalfOfPair = /[\uD800-\uDBFF]/.test(text[lengthMax - 1]!) && lengthMax > 1
  return isHalfOfPair ? lengthMax - 1 : lengthMax
}
