import { type Child, startNode } from './children.ts'
import type { Answer } from './portero.ts'

/** Starts a bare `node:http` server that gives this answer to everything. */
export function startBareServer({
  status,
  rawHeaders,
  body,
}: Answer): Promise<Child & { readonly port: number }> {
  const headers: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    // Node writes these by itself, in both servers.
    if (!/^(?:date|connection|keep-alive)$/i.test(rawHeaders[i]!))
      headers.push(rawHeaders[i]!, rawHeaders[i + 1]!)
  }
  const ANSWER = JSON.stringify({ status, headers, body: body.toString() })
  return startNode('bare-server', { core: 'tested', env: { ANSWER, NODE_ENV: 'production' } })
}
