/** Names of Portero's cookies on one transport. */
export type CookieNames = {
  readonly session: string
  readonly flow: string
  readonly device: string
  readonly language: string
  /** The JWT, under the name that the gateway seed gave it. */
  readonly token: string
}

const secureNames: CookieNames = {
  session: '__Host-portero',
  flow: '__Host-portero_flow',
  device: '__Host-portero_device',
  language: '__Host-portero_lang',
  token: 'x-auth-phone',
}

const plainNames: CookieNames = {
  session: 'portero',
  flow: 'portero_flow',
  device: 'portero_device',
  language: 'portero_lang',
  token: 'x-auth-phone',
}

/** The names in use: with the `__Host-` prefix over https, without it over plain http, where browsers refuse the prefix. */
export function cookieNames(isSecure: boolean): CookieNames {
  return isSecure ? secureNames : plainNames
}

const equalsSign = 0x3d
const space = 0x20

/**
 * The pairs of a `Cookie` header. Of a repeated name the first one counts (RFC 6265 §5.4 sends the longest path first);
 * what is no pair is skipped. One pass, whatever the header holds.
 */
export function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>()
  if (header === undefined) return cookies
  let start = 0
  while (start < header.length) {
    let end = header.indexOf(';', start)
    if (end === -1) end = header.length
    // Searched for within the pair only: over the whole header this would be quadratic.
    let equals = start
    while (equals < end && header.charCodeAt(equals) !== equalsSign) equals++
    const name = equals === end ? '' : header.slice(start, equals).trim()
    if (name !== '' && !cookies.has(name)) cookies.set(name, unquoted(header.slice(equals + 1, end).trim()))
    // Nearly always followed by a space, which would cost each name a copy.
    start = header.charCodeAt(end + 1) === space ? end + 2 : end + 1
  }
  return cookies
}

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}

/** How long a cookie lives: seconds, or as long as the browser is open. */
export type CookieLife = { readonly maxAgeSeconds: number | undefined; readonly isSecure: boolean }

/**
 * One `Set-Cookie` value: host-only, `HttpOnly`, `SameSite=Lax`, for every path. Names and values are ours;
 * one that a header cannot carry is a bug and throws.
 */
export function serializeCookie(name: string, value: string, life: CookieLife): string {
  if (!/^[\w-]+$/.test(name) || !/^[\w.~+/=-]*$/.test(value) || name.length + value.length > 4096) {
    throw new Error(`the cookie ${name.slice(0, 40)} cannot be written: its value is too long or not plain`)
  }
  const age = life.maxAgeSeconds === undefined ? '' : `; Max-Age=${Math.floor(life.maxAgeSeconds)}`
  return `${name}=${value}; Path=/${age}; HttpOnly; SameSite=Lax${life.isSecure ? '; Secure' : ''}`
}

/** `Set-Cookie` values that end a sign-in under every name it can have; the device stays known, the language chosen. */
export function expiredCookies(): string[] {
  return [secureNames, plainNames].flatMap((names) => {
    const life = { maxAgeSeconds: 0, isSecure: names === secureNames }
    const ended = [serializeCookie(names.session, '', life), serializeCookie(names.flow, '', life)]
    return names === plainNames ? [...ended, serializeCookie(names.token, '', life)] : ended
  })
}
