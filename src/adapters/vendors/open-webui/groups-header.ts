/** A group that never exists: named alone, it says that somebody belongs to none. An empty header would change nothing. */
const noGroup = 'portero-none'

/**
 * Whether the groups header can carry this name. It is a list with commas, not percent-decoded there, read as Latin-1, and
 * each name loses the spaces around it.
 */
export function canNameGroup(name: string): boolean {
  return /^[\x20-\x2b\x2d-\x7e\xa0-\xff]+$/.test(name) && name.trim() === name && name !== noGroup
}

/** The groups header for a person who belongs to exactly these existing groups; names that it cannot carry are left out. */
export function groupsHeader(names: readonly string[]): string {
  const sent = names.filter(canNameGroup)
  return sent.length === 0 ? noGroup : sent.join(',')
}
