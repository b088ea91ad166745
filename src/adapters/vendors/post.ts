import type { DeliveryFailure } from '../../domain/messaging/delivery-provider.ts'

/** How a request gets out: `fetch` of Node or of undici. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

type Request = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a provider answered, or why there is no answer. */
export type PostResult =
  | {
      readonly status: number
      /** The answer as JSON; undefined where it is none, or too long to be one. */
      readonly json: unknown
      /** What `Retry-After` says in seconds, at most an hour. */
      readonly retryAfterSeconds: number | undefined
    }
  | { readonly failed: Extract<DeliveryFailure, 'unavailable' | 'timeout_unknown'> }

const answerBytesMax = 64 * 1024
const retryAfterMaxSeconds = 3600

/** What is thrown when certainly nothing of a request went out. */
const beforeSending = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'],
])

/**
 * Posts once to a provider and reads its answer. It follows no redirect, which would carry the credentials elsewhere. Where the
 * answer does not come, `unavailable` if nothing was sent for certain, else `timeout_unknown`. It does not throw, so that no
 * piece of a request gets into an error.
 */
export async function post(send: Fetch, request: Request, signal: AbortSignal): Promise<PostResult> {
  if (signal.aborted) return { failed: 'unavailable' }
  const { url, headers, body } = request
  try {
    const answer = await send(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
    return {
      status: answer.status,
      json: jsonOf(await readText(answer)),
      retryAfterSeconds: retryAfterOf(answer.headers.get('retry-after')),
    }
  } catch (thrown) {
    const { cause } = thrown as { cause?: { code?: string } }
    return { failed: beforeSending.has(cause?.code ?? '') ? 'unavailable' : 'timeout_unknown' }
  }
}

/** Why a provider refused, where it gives no code of its own. */
export function failureOfStatus(status: number): DeliveryFailure {
  if (status >= 500) return 'unavailable'
  if (status === 429) return 'rate_limited'
  return status === 400 || status === 413 ? 'rejected' : 'config'
}

/** The text of an answer; undefined where it is longer than 64 KiB. Rejects where it breaks off. */
export async function readText({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > answerBytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function retryAfterOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header)
    ? Math.min(Number(header), retryAfterMaxSeconds)
    : undefined
}
