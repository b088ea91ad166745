/**
 * Whether a cookie is one of Portero's, by its name: everything that starts with `portero`, with or without one of the
 * browser's prefixes, and the seed's `x-auth-phone`. Case is ignored, so that no reader of a wider mind finds one.
 */
export function isOwnCookie(name: string): boolean {
  return /^(?:(?:__(?:host|secure)-)?portero|x-auth-phone$)/i.test(name)
}

/**
 * A `Cookie` header without Portero's own cookies: the others stay byte for byte and in their order, repeated or quoted
 * as they came. Undefined when nothing is left.
 */
export function withoutOwnCookies(header: string): string | undefined {
  if (!/portero|x-auth-phone/i.test(header)) return header
  // A browser sends a cookie without a name as its mere value, others with a `=` in front: it reads as one with a name.
  const kept = header.split(';').filter((pair) => !isOwnCookie(nameOf(pair.replace(/^[\s=]+/, ''))))
  const rest = kept.join(';').trimStart()
  return rest === '' ? undefined : rest
}

/**
 * Whether a `Set-Cookie` value of the app behind would write one of Portero's own cookies: by its name, or as a cookie without
 * a name (`=x-auth-phone=…`), which browsers keep and send back as its mere value (RFC 6265bis §5.7).
 */
export function setsOwnCookie(value: string): boolean {
  const end = value.indexOf(';')
  const name = nameOf(end === -1 ? value : value.slice(0, end))
  return name === '' || isOwnCookie(name)
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  // Some servers take the quotes off a name.
  return (equals === -1 ? pair : pair.slice(0, equals)).trim().replace(/^"|"$/g, '')
}
