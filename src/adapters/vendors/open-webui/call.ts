import { Pool } from 'undici'
import { Refusal } from '../../../domain/errors.ts'

/** One request to the application. */
export type AppRequest = {
  /** GET when not given. */
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as a JSON body. */
  readonly json?: unknown
  /** In milliseconds, for head and body together; that of the whole when not given. */
  readonly timeoutMs?: number
  /** Reads the body only of an answer that says it is JSON; of another one the body stays empty, however long it would go on. */
  readonly wantsJsonOnly?: boolean
}

export type AppAnswer = {
  readonly status: number
  /** Names in small letters; several lines of one name are joined by commas. */
  readonly headers: ReadonlyMap<string, string>
  /** The values of the `Set-Cookie` lines, one each. */
  readonly setCookies: readonly string[]
  readonly body: string
}

/**
 * Asks the application once and reads the whole answer, whatever its status; a redirect is an answer like others. Rejects
 * with `upstream_unreachable`, `upstream_timeout`, or, when the answer is too long, `app_answer_unknown`.
 * The cause of a refusal names method, path and fault, never a header, a query or a body.
 */
export type AppCall = (request: AppRequest) => Promise<AppAnswer>

type Settings = {
  readonly timeoutMs?: number
  readonly answerBytesMax?: number
}

/** Lists of accounts may bring small pictures along. */
const answerBytesUsually = 4 * 1024 * 1024
const connectionsMax = 16
/** Shorter than the 5 s after which uvicorn hangs up, so that no request meets a closing connection. */
const idleMs = 4_000

/** Connections of Portero's own to an Open WebUI; `timeoutMs` is 10,000 when not given. */
export function openAppCall(
  origin: URL,
  { timeoutMs = 10_000, answerBytesMax = answerBytesUsually }: Settings = {},
): { readonly call: AppCall; close(): Promise<void> } {
  const pool = new Pool(origin.origin, {
    connections: connectionsMax,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: timeoutMs,
    keepAliveTimeout: idleMs,
    allowH2: false,
  })

  async function call(request: AppRequest): Promise<AppAnswer> {
    const signal = AbortSignal.timeout(request.timeoutMs ?? timeoutMs)
    const method = request.method ?? 'GET'
    const headers = { accept: 'application/json', ...request.headers }
    const body = request.json === undefined ? null : JSON.stringify(request.json)
    if (body !== null) Object.assign(headers, { 'content-type': 'application/json' })
    try {
      const answer = await pool.request({ method, path: request.path, headers, body, signal })
      const isJson = /\bjson\b/i.test(String(answer.headers['content-type']))
      const isWanted = isJson || request.wantsJsonOnly !== true
      // Hanging up is how one says that the rest is not wanted; what that throws is nobody's.
      if (!isWanted) answer.body.on('error', () => {}).destroy()
      return {
        status: answer.statusCode,
        headers: new Map(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
        setCookies: [answer.headers['set-cookie'] ?? []].flat(),
        body: isWanted ? await readText(answer.body, answerBytesMax) : '',
      }
    } catch (thrown) {
      throw refusalFor(thrown, `${method} ${request.path.replace(/\?.*/s, '')}`)
    }
  }

  return { call, close: () => pool.destroy() }
}

class TooLong extends Error {}

async function readText(body: AsyncIterable<Buffer>, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > bytesMax) throw new TooLong(`answered with more than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

// What undici throws may carry pieces of an answer, and with them a token: only its kind and sentence go on.
function refusalFor(thrown: unknown, what: string): Refusal {
  const { name, message, code } = thrown as Error & { code?: unknown }
  const kind = typeof code === 'string' ? `${code} ` : ''
  const cause = new Error(`${what}: ${kind}${message}`)
  if (thrown instanceof TooLong) return new Refusal('app_answer_unknown', {}, cause)
  const isLate = name === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT'
  return new Refusal(isLate ? 'upstream_timeout' : 'upstream_unreachable', {}, cause)
}
