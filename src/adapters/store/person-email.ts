/** A person's address: one that they are joined by is whole, and a pseudonym lacks its domain. */
export function personEmail(joinedOrLocal: string, emailDomain: string): string {
  return joinedOrLocal.includes('@') ? joinedOrLocal : `${joinedOrLocal}@${emailDomain}`
}
