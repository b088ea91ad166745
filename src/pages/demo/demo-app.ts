import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { chooseLocale } from '../../http/locale.ts'
import { demoAppHeaders, renderDemoApp } from './demo-app-page.ts'
import { echoWebsocket } from './websocket-echo.ts'

export type DemoApp = {
  /** Where it listens: a free port of the loopback interface. */
  readonly url: URL
  close(): Promise<void>
}

/**
 * The app behind the door in the demo, a server of its own so that everything passes the real gateway: a page, an event
 * stream (`/clock`), a websocket (`/echo`) and an upload (`POST /upload`).
 */
export async function openDemoApp({ now }: { readonly now: () => number }): Promise<DemoApp> {
  const sockets = new Set<Duplex>()
  const server = createServer((req, res) => answer(now, req, res))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (req, socket, head) => {
    if (pathOf(req) === '/echo') echoWebsocket(req, socket, head)
    else socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function answer(now: () => number, req: IncomingMessage, res: ServerResponse): void {
  const path = pathOf(req)
  const isRead = req.method === 'GET' || req.method === 'HEAD'
  if (path === '/clock' && isRead) tick(now, res)
  else if (path === '/upload' && req.method === 'POST') receive(req, res)
  else if (isRead) show(req, res)
  else res.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end()
}

/** A single page: whatever path somebody was sent back to after signing in is a good one. */
function show(req: IncomingMessage, res: ServerResponse): void {
  const page = renderDemoApp(chooseLocale(req.headers['accept-language'], [], 'es'), req.headers)
  res.writeHead(200, demoAppHeaders)
  res.end(req.method === 'HEAD' ? undefined : page)
}

function tick(now: () => number, res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
  const send = () => res.write(`data: ${now()}\n\n`)
  send()
  const timer = setInterval(send, 1000)
  res.on('close', () => clearInterval(timer))
}

function receive(req: IncomingMessage, res: ServerResponse): void {
  const hash = createHash('sha256')
  let bytes = 0
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    hash.update(chunk)
  })
  req.on('error', () => res.destroy())
  req.on('end', () => {
    const body = JSON.stringify({ bytes, sha256: hash.digest('hex') })
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    res.end(body)
  })
}

function pathOf(req: IncomingMessage): string {
  return req.url!.split('?', 1)[0]!
}
