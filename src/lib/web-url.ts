/** Whether a text is exactly the origin of a web address: scheme, host and port, with or without a final slash. */
export function isOrigin(text: string): boolean {
  const url = parseWebUrl(text)
  if (url === undefined) return false
  const bare = text.replace(/\/$/, '')
  // A port that the scheme means anyway may be written out.
  return (
    bare === url.origin ||
    (url.port === '' && bare === `${url.origin}:${url.protocol === 'https:' ? 443 : 80}`)
  )
}

/** Whether a text is an address that a browser can open, with no password inside. */
export function isWebUrl(text: string): boolean {
  return parseWebUrl(text) !== undefined
}

/** Whether a host name or address, as it stands in a URL or in a setting, only ever means this machine. */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|[^:/]*\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}

function parseWebUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined
  return url.username === '' && url.password === '' ? url : undefined
}
