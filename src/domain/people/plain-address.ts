const plain = /^[a-z\d.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z\d]([a-z\d.-]{0,187}[a-z\d])?$/

/** One e-mail address in small letters, without a name or anything else beside it; undefined when it is none. */
export function plainAddress(typed: string): string | undefined {
  const address = typed.trim().toLowerCase()
  return plain.test(address) ? address : undefined
}
