import { createHash } from 'node:crypto'

/** Crockford's base 32: no I, L, O, U, so that what is read wrongly can be put right. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 13

/** Candidates of one text that are looked at. */
const candidatesMax = 3

const one = '[0-9A-Za-z]'
const glue = '(?: ?[-\\u2010-\\u2015\\u2212] ?)?'
/** Four, four and five signs, with dashes or without, and no other letter or digit beside them. */
const shape = new RegExp(`(?<![0-9A-Za-z])${one}{4}${glue}${one}{4}${glue}${one}{5}(?![0-9A-Za-z])`, 'g')
const dashed = new RegExp(`^${one}{4}[^0-9A-Za-z]+${one}{4}[^0-9A-Za-z]+${one}{5}$`)

/**
 * What a browser's prepared message says: 65 bits, derived from the secret that this browser alone keeps. Nobody else can make it,
 * and nothing has to keep it. It stands in links and pictures that others can see, so it shows nothing of the secret.
 */
export function signInToken(holdSecret: string): string {
  const bytes = createHash('sha256').update(`portero inbound sign-in\0${holdSecret}`).digest()
  let bits = bytes.readBigUInt64BE(0) * 2n + BigInt(bytes[8]! >> 7)
  let text = ''
  for (let at = 0; at < length; at++) {
    text = alphabet[Number(bits % 32n)]! + text
    bits /= 32n
  }
  return text
}

/** As people see it: `7K3M-9QXA-2BCDE`. */
export function writtenToken(token: string): string {
  return `${token.slice(0, 4)}-${token.slice(4, 8)}-${token.slice(8)}`
}

/** What is kept of a token. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(`inbound\0${token}`).digest()
}

/**
 * What could be tokens in a text, wherever they stand and whatever stands around them: small letters, an O for a zero and an I or
 * L for a one are forgiven. `isDashed`: written as ours are, so that it can hardly be anything else.
 */
export function findTokens(text: string): { readonly token: string; readonly isDashed: boolean }[] {
  const plain = text
    .slice(0, 4096)
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
  const found = [...plain.matchAll(shape)].flatMap(([written]) => {
    const token = written
      .replace(/[^0-9A-Za-z]/g, '')
      .toUpperCase()
      .replaceAll('O', '0')
      .replace(/[IL]/g, '1')
    return token.includes('U') ? [] : [{ token, isDashed: dashed.test(written) }]
  })
  return found.sort((a, b) => Number(b.isDashed) - Number(a.isDashed)).slice(0, candidatesMax)
}
