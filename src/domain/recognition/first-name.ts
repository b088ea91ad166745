/** What a greeting uses of the names in the people table, which other programs may have written: the first word, on one line. */
export function firstNameOf(names: string | null | undefined): string | undefined {
  const [first] = (names ?? '')
    .normalize('NFC')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .split(' ')
  return first === undefined || !/\p{L}/u.test(first) ? undefined : first
}
