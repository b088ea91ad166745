import { isLoopbackHost, isOrigin } from '../../lib/web-url.ts'

/** Whether a text is the origin of a place to which secrets may be sent: over https, or on this machine. */
export function isSafeOrigin(text: string): boolean {
  if (!isOrigin(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || isLoopbackHost(hostname)
}
