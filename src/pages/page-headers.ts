import { createHash } from 'node:crypto'
import type { Brand } from './look.ts'
import { pageScript } from './script.ts'

/**
 * The headers of every page. The policy lets in nothing but the page's own style and script (by hash), images of this
 * host and forms to this host; nobody may frame it, keep it, guess its type, list it, or learn where it was.
 */
export function pageHeaders(brand: Brand, scripts: readonly string[] = [pageScript]): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(brand.style, scripts),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-robots-tag': 'noindex, nofollow',
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), otp-credentials=(self)',
    vary: 'Accept-Language, Cookie',
  }
}

/** `default-src 'none'` and what the page itself brings; `connect` adds `connect-src 'self'`. */
export function contentSecurityPolicy(
  style: string,
  scripts: readonly string[],
  { connect = false }: { connect?: boolean } = {},
): string {
  return [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${scripts.map(hashOf).join(' ')}`,
    "img-src 'self' data:",
    ...(connect ? ["connect-src 'self'"] : []),
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
}

const hashes = new Map<string, string>()

function hashOf(text: string): string {
  const known = hashes.get(text)
  if (known) return known
  const hash = `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  hashes.set(text, hash)
  return hash
}
