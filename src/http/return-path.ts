const lengthMax = 2048
const somewhere = 'https://portero.invalid'

/** Percent-encoding that browsers leave alone but a proxy or app on the way might take off, once or twice. */
const decodingsMax = 3

/**
 * Where to go after sign-in: a path of our own origin (with its query and fragment), as a browser will read it, or `/`.
 * Anything that some parser could take for another host, and the sign-in pages themselves, become `/`.
 */
export function returnPath(text: string | undefined): string {
  if (text === undefined || text.length > lengthMax || !text.startsWith('/') || hasControls(text)) return '/'
  const url = URL.parse(text, somewhere)
  if (url === null || !isOwnPath(text, url)) return '/'
  return url.pathname + url.search + url.hash
}

function isOwnPath(text: string, url: URL): boolean {
  let path = /^[^?#]*/.exec(text)![0]
  for (let i = 0; i < decodingsMax; i++) {
    if (hasControls(path) || path.includes('\\') || path.startsWith('//')) return false
    const read = URL.parse(path, somewhere)
    if (read === null || read.origin !== somewhere || read.pathname.startsWith('//')) return false
    if (isSignIn(read.pathname)) return false
    const decoded = decode(path)
    if (decoded === undefined) return false
    if (decoded === path) break
    path = decoded
  }
  return url.origin === somewhere && url.username === '' && url.password === ''
}

function hasControls(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: parsers drop or split at these, each in its own way
  return /[\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/.test(text)
}

function isSignIn(path: string): boolean {
  return /^\/+(_portero\/+(signin|signed-out|signout|handoff)|signin|otp)(\/|$)/i.test(path)
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
