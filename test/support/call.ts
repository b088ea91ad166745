import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export type Call = {
  method?: string
  /** Written as they are; a list writes the header several times. */
  headers?: Record<string, string | string[]>
  /** Sent as JSON. */
  json?: unknown
  /** Sent as a form. */
  form?: Record<string, string>
  /** Sent as it is. */
  body?: string | Buffer
  /** The loopback address to call from: 127.0.0.2 is another caller than 127.0.0.1. */
  from?: string
  timeoutMs?: number
}

export type Answer = {
  status: number
  headers: IncomingHttpHeaders
  rawHeaders: string[]
  text: string
  /** The parsed body; undefined when it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  json: any
  /** Cookies that it sets, by name; expired ones are empty. */
  cookies: Record<string, string>
  ms: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 200 })

/** One request without a browser's or a fetch's own headers, on kept connections. Rejects when the connection breaks. */
export function call(url: string, options: Call = {}): Promise<Answer> {
  const start = performance.now()
  const [body, type] = bodyOf(options)
  const headers: Record<string, string | string[]> = {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...options.headers,
  }
  return new Promise((resolve, reject) => {
    const req = request(url, {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      headers,
      agent,
      ...(options.from === undefined ? {} : { localAddress: options.from }),
      timeout: options.timeoutMs ?? 15_000,
    })
    req.on('timeout', () => req.destroy(new Error(`${url} did not answer in time`)))
    req.on('error', reject)
    req.on('response', (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('error', reject)
      res.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({
          ...{ status: res.statusCode!, headers: res.headers, rawHeaders: res.rawHeaders, text },
          ...{ json: parsed(text), cookies: cookiesOf(res.headers['set-cookie'] ?? []) },
          ms: performance.now() - start,
        })
      })
    })
    req.end(body)
  })
}

/** A `Cookie` header of cookies that an answer set. */
export function cookieHeader(cookies: Record<string, string>): string {
  return Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
}

function bodyOf({ json, form, body }: Call): [string | Buffer | undefined, string | undefined] {
  if (json !== undefined) return [JSON.stringify(json), 'application/json']
  if (form !== undefined) return [new URLSearchParams(form).toString(), 'application/x-www-form-urlencoded']
  return [body, undefined]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function cookiesOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [pair = ''] = line.split(';', 1)
      const equals = pair.indexOf('=')
      return [pair.slice(0, equals), pair.slice(equals + 1)]
    }),
  )
}
