const nameLengthMax = 40

/** People's names come from tables that others fill; in a message they are never more than a name. */
export function plainName(name: string | undefined): string {
  const plain = (name ?? '')
    .slice(0, 10 * nameLengthMax)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[\p{Cf}\p{Cs}*_~`]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
  return cutText(plain, nameLengthMax)
}

/** Cuts between the signs that people see, and says so. */
export function cutText(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (kept.length + segment.length > lengthMax - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}
