import { connect } from 'node:net'

/** What came back on one connection until it was closed, or until nothing came for `quietMs`. */
export type RawAnswer = { readonly text: string; readonly isClosed: boolean; readonly ms: number }

/**
 * Sends bytes as they are, well-formed or not, and returns whatever comes back. Each part is written apart; resolves when
 * the server closes, or when it has been silent for `quietMs` after the last byte.
 */
export function sendRaw(port: number, parts: string | readonly string[], quietMs = 80): Promise<RawAnswer> {
  const start = performance.now()
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    let timer = setTimeout(finish, 5_000, false)
    function finish(isClosed: boolean): void {
      clearTimeout(timer)
      socket.destroy()
      resolve({ text: Buffer.concat(chunks).toString('latin1'), isClosed, ms: performance.now() - start })
    }
    socket.on('connect', async () => {
      for (const part of typeof parts === 'string' ? [parts] : parts) {
        socket.write(part, 'latin1')
        await new Promise((next) => setTimeout(next, 5))
      }
    })
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      clearTimeout(timer)
      timer = setTimeout(finish, quietMs, false)
    })
    socket.on('error', () => {})
    socket.on('close', () => finish(true))
  })
}

/** A request of this request line and these header lines, with nothing added. */
export function rawRequest(line: string, headers: readonly string[] = [], body = ''): string {
  return `${[`${line} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n${body}`
}

/** Status codes of all final answers in a raw text. */
export function statusesOf({ text }: RawAnswer): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)]
    .map(([, status]) => Number(status))
    .filter((code) => code >= 200)
}
