import { WebSocket } from 'ws'
import { type Echo, valuesOf } from '../support/echo-upstream.ts'
import { sessionOf } from '../support/gateway-house.ts'
import { type RawAnswer, rawRequest, sendRaw } from '../support/raw-http.ts'
import type { Gate } from './gate.ts'
import { site } from './proxy-process.ts'

/** In what the gates differ, each for a reason that its guide tells. */
export type GateTraits = {
  /** Whether a proxy asks Portero about requests that do not pass through it. */
  readonly asks: boolean
  /** Whether the app is an Open WebUI: its sign-in, loader, keys and closed paths go to Portero. */
  readonly isOpenWebui: boolean
  /** Whether Portero's cookies are taken out of what the app gets. */
  readonly hidesCookies: boolean
  /** What the proxy answers while Portero is away. */
  readonly away: { readonly statuses: readonly number[]; readonly text: RegExp }
}

/** How nginx and Caddy answer while Portero is away. */
export const plainPage = { statuses: [503], text: /Try again in a moment/ }

export const notAsked = 'no proxy asks Portero here'
export const notOpenWebui = 'the file is for any application'

export const person = sessionOf(1).person
export const signedIn = 'Cookie: portero=s1; token=1'
export const origin = `http://${site}`
/** After the first byte of an answer, the rest of it comes at once. */
export const quietMs = 400

/** A gate while the cases run, and ways to ask it. */
export type Visit = {
  /** Open from `beforeAll` on. */
  readonly gate: Gate
  readonly traits: GateTraits
  /** Sends a request for the site, on a connection that is closed after it. */
  ask(line: string, headers?: readonly string[], body?: string): Promise<RawAnswer>
  /** What reached the app last. */
  last(): Echo
  /** Values of a header of that. */
  seen(name: string): string[]
  /** A websocket of a signed-in person, from a page of the site. */
  websocket(headers?: Record<string, string>, path?: string): WebSocket
  /** What the handshake of one is answered with; 0 for none. */
  handshakeStatus(path: string, headers: Record<string, string>): Promise<number>
}

/** A title that says why it is skipped, where it is. */
export function titled(title: string, isMeant: boolean, reason: string): string {
  return isMeant ? title : `${title} (skipped: ${reason})`
}

export function visitTo(gate: () => Gate, traits: GateTraits): Visit {
  const last = () => gate().app.requests.at(-1)!

  function websocket(headers: Record<string, string> = {}, path = '/ws'): WebSocket {
    return new WebSocket(`ws://127.0.0.1:${gate().port}${path}`, {
      headers: { host: site, cookie: 'portero=s1', origin, ...headers },
    })
  }

  return {
    get gate() {
      return gate()
    },
    traits,
    ask: (line, headers = [], body = '') =>
      sendRaw(
        gate().port,
        rawRequest(line, [`Host: ${site}`, 'Connection: close', ...headers], body),
        quietMs,
      ),
    last,
    seen: (name) => valuesOf(last().rawHeaders, name),
    websocket,
    handshakeStatus: (path, headers) =>
      new Promise((resolve) => {
        const ws = websocket(headers, path)
        ws.on('error', () => resolve(0))
        ws.on('unexpected-response', (_, res) => resolve(res.statusCode ?? 0))
        ws.on('open', () => {
          resolve(101)
          ws.terminate()
        })
      }),
  }
}
