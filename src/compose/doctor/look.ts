import { request } from 'undici'

/** What came back: an answer, or the code of why there is none. */
export type Look =
  | { readonly status: number; readonly body: string }
  /** `ETIMEDOUT`, `ECONNREFUSED`, `ENOTFOUND`, a code of TLS, or `UNKNOWN`. */
  | { readonly failure: string }

type LookOptions = {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
}

/** For how long one look over the network may last. */
export const lookMs = 5_000
const bytesMax = 256 * 1024

/** Asks an address once and does not follow redirects. Never rejects, and ends within `lookMs`. */
export async function look(
  url: string | URL,
  { method = 'GET', headers, json }: LookOptions = {},
): Promise<Look> {
  const signal = AbortSignal.timeout(lookMs)
  try {
    const answer = await request(url, {
      method,
      signal,
      headers: { ...headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      body: json === undefined ? null : JSON.stringify(json),
    })
    let body = ''
    for await (const chunk of answer.body) {
      body += chunk
      if (body.length > bytesMax) break
    }
    return { status: answer.statusCode, body }
  } catch (thrown) {
    return { failure: signal.aborted ? 'ETIMEDOUT' : codeOf(thrown) }
  }
}

/** The JSON object in an answer's body; undefined when it is something else. */
export function jsonIn(seen: Look): Readonly<Record<string, unknown>> | undefined {
  if ('failure' in seen) return undefined
  try {
    const value: unknown = JSON.parse(seen.body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function codeOf(thrown: unknown): string {
  // Several addresses of one name were tried: the first says why.
  const [first] = thrown instanceof AggregateError ? thrown.errors : [thrown]
  const { code } = (first ?? {}) as { code?: unknown }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'ETIMEDOUT'
  return typeof code === 'string' ? code : 'UNKNOWN'
}
