import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How the server behaves for the next question; after it, it answers. */
export type AgentBehaviour =
  | { readonly kind: 'says'; readonly text: string }
  | { readonly kind: 'delays'; readonly ms: number }
  | { readonly kind: 'status'; readonly status: number }
  /** Sends to another address of its own. */
  | { readonly kind: 'redirects' }
  /** 200, with something that nobody can understand. */
  | { readonly kind: 'garbage' }
  /** Takes the question, and never answers. */
  | { readonly kind: 'hangs' }
  /** Begins to answer, and breaks the connection. */
  | { readonly kind: 'breaks' }
  /** An answer without end, as fast as it is read. */
  | { readonly kind: 'huge' }
  /** The same, a letter now and then. */
  | { readonly kind: 'drips' }

/** How a kind of agent writes its answers. */
export type AgentWire = {
  readonly type: string
  whole(text: string): string
  /** How an answer without end begins, and what comes again and again. */
  readonly endless: { readonly start: string; readonly more: string }
}

export type AskedQuestion = {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A program that answers questions: each with "Respuesta a: " and what `textOf` finds in the request. */
export async function openAgentServer(wire: AgentWire, textOf: (body: string) => string) {
  const behaviours: AgentBehaviour[] = []
  const asked: AskedQuestion[] = []
  let written = 0
  let open = 0
  const server = createServer(async (req, res) => {
    open += 1
    res.on('close', () => {
      open -= 1
    })
    let body = ''
    for await (const chunk of req.setEncoding('utf8')) body += chunk
    asked.push({ path: req.url!, headers: req.headers, body })
    const behaviour = behaviours.shift() ?? { kind: 'says', text: `Respuesta a: ${textOf(body)}` }
    await behave(behaviour, res, `Respuesta a: ${textOf(body)}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  async function behave(behaviour: AgentBehaviour, res: ServerResponse, usual: string): Promise<void> {
    const { kind } = behaviour
    const { start, more } = wire.endless
    if (kind === 'hangs') return
    if (kind === 'redirects') return void res.writeHead(307, { location: '/elsewhere' }).end()
    if (kind === 'status')
      return void res.writeHead(behaviour.status, { 'content-type': wire.type }).end(wire.whole(usual))
    if (kind === 'delays') await sleep(behaviour.ms)
    res.writeHead(200, { 'content-type': wire.type })
    if (kind === 'says') return void res.end(wire.whole(behaviour.text))
    if (kind === 'delays') return void res.end(wire.whole(usual))
    if (kind === 'garbage') return void res.end('<html>It works!</html>')
    res.write(start)
    if (kind === 'breaks') return void setTimeout(() => res.destroy(), 20)
    for (;;) {
      if (res.destroyed) return
      const piece = kind === 'huge' ? more.repeat(Math.ceil(16_384 / more.length)) : more
      written += piece.length
      // The end of the connection calls back too, with an error.
      await new Promise((done) => void res.write(piece, done))
      if (kind === 'drips') await sleep(20)
    }
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every request, in order. */
    asked: asked as readonly AskedQuestion[],
    behave: (behaviour: AgentBehaviour) => void behaviours.push(behaviour),
    /** Letters written to answers without end. */
    written: () => written,
    /** Requests whose answer is not over. */
    open: () => open,
    async close() {
      server.close().closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}

export type AgentServer = Awaited<ReturnType<typeof openAgentServer>>
