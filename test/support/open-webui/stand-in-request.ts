import type { IncomingMessage } from 'node:http'
import type { OpenWebuiSettings } from './settings.ts'

/** A request with what its route matched: `id` is the account's in the path. */
export type Asked = { req: IncomingMessage; body: string; query: URLSearchParams; id: string }

export type Answer = { status?: number; headers?: Record<string, string | string[]>; json: unknown }

export type Route = readonly [method: string, path: RegExp, handle: (asked: Asked) => Answer]

/** A request that a route refuses, with Open WebUI's own sentence. */
export class Refused extends Error {
  readonly status: number
  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

/** Open WebUI's own sentences, where several routes say them. */
export const sentences = {
  forbidden: 'The requested action has been restricted as a security measure.',
  noPermission:
    'You do not have permission to access this resource. Please contact your administrator for assistance.',
  notFound: "We could not find what you're looking for :/",
}

/** The first of repeated headers, as Open WebUI reads it. */
export function headerOf(req: IncomingMessage, name: string | undefined): string | undefined {
  const at = req.rawHeaders.findIndex((one, i) => i % 2 === 0 && one.toLowerCase() === name?.toLowerCase())
  return at < 0 ? undefined : req.rawHeaders[at + 1]!
}

/** From the `Authorization` header or else from the cookie. */
export function tokenOf(req: IncomingMessage): string | undefined {
  const [scheme, bearer] = (req.headers.authorization ?? '').split(' ')
  if (scheme?.toLowerCase() === 'bearer' && bearer !== undefined) return bearer
  return /(?:^|; *)token=([^;]+)/.exec(req.headers.cookie ?? '')?.[1]
}

/** The members of a JSON object; none when the body is no such thing. */
export function jsonOf(body: string): Record<string, unknown> {
  try {
    return (JSON.parse(body) as Record<string, unknown> | null) ?? {}
  } catch {
    return {}
  }
}

export const isOn = (setting: string | undefined) => setting?.toLowerCase() === 'true'
export const isOff = (setting: string | undefined) => setting?.toLowerCase() === 'false'
export const allowedOrigins = ({ CORS_ALLOW_ORIGIN }: OpenWebuiSettings) =>
  (CORS_ALLOW_ORIGIN || '*').split(';')
