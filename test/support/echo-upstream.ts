import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type WebSocket, WebSocketServer } from 'ws'

/** What the upstream got, as it got it. */
export type Echo = {
  method: string
  target: string
  rawHeaders: string[]
  sha256: string
  length: number
}

export type EchoUpstream = {
  readonly port: number
  readonly url: URL
  /** Every request, upgrades included, in order. */
  readonly requests: Echo[]
  readonly events: string[]
  /** Sockets that are open now. */
  openSockets(): number
  /** Bytes that the open sockets have given to the kernel. */
  sentBytes(): number
  close(): Promise<void>
}

/** Values of one header in raw form, whatever its case. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === name.toLowerCase())
}

type Mode = (
  req: IncomingMessage,
  res: ServerResponse,
  upstream: { events: string[]; query: URLSearchParams },
) => void

/** An app that tells what it was sent; by its path it behaves well or badly. */
export async function openEchoUpstream(port = 0): Promise<EchoUpstream> {
  const requests: Echo[] = []
  const events: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (req, res) => {
    const url = new URL(req.url!.replace(/^\/+/, '/'), 'http://upstream')
    const mode = modes[url.pathname]
    const echo = { method: req.method!, target: req.url!, rawHeaders: req.rawHeaders, sha256: '', length: 0 }
    requests.push(echo)
    if (mode !== undefined) return mode(req, res, { events, query: url.searchParams })
    const hash = createHash('sha256')
    req.on('data', (chunk: Buffer) => {
      hash.update(chunk)
      echo.length += chunk.length
    })
    req.on('error', () => events.push('upload broken'))
    req.on('end', () => {
      echo.sha256 = hash.digest('hex')
      const body = JSON.stringify(echo)
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      res.end(body)
    })
  })
  const websockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (req, socket, head) => {
    requests.push({
      method: req.method!,
      target: req.url!,
      rawHeaders: req.rawHeaders,
      sha256: '',
      length: 0,
    })
    socket.on('error', () => {})
    if (req.url === '/ws-refused') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nSet-Cookie: portero=x\r\nX-App: 1\r\n\r\nno')
    } else if (req.url === '/ws-silent') {
      socket.resume().on('end', () => socket.end())
    } else if (req.url === '/ws-garbage') {
      socket.end('hello there\r\n\r\n')
    } else {
      websockets.handleUpgrade(req, socket, head, (ws) => talk(ws, events, req.url!))
    }
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const listening = (server.address() as AddressInfo).port
  return {
    port: listening,
    url: new URL(`http://127.0.0.1:${listening}`),
    requests,
    events,
    openSockets: () => sockets.size,
    sentBytes: () =>
      [...sockets].reduce((sum, { bytesWritten, writableLength }) => sum + bytesWritten - writableLength, 0),
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function talk(ws: WebSocket, events: string[], target: string): void {
  ws.on('error', () => {})
  ws.on('close', (code) => events.push(`ws closed ${code}`))
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }))
  if (target === '/ws-chatty') {
    const timer = setInterval(() => ws.send('x'.repeat(70_000)), 5)
    ws.on('close', () => clearInterval(timer))
  }
}

const modes: Record<string, Mode> = {
  '/sse': (req, res, { events, query }) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    res.flushHeaders()
    const timer = setInterval(() => res.write(`data: ${performance.timeOrigin + performance.now()}\n\n`), 40)
    if (query.has('silent')) clearInterval(timer)
    res.on('close', () => {
      clearInterval(timer)
      events.push(req.complete ? 'stream closed' : 'stream cut')
    })
  },
  '/slow': (_, res, { query, events }) => {
    res.on('close', () => events.push(res.writableFinished ? 'slow answered' : 'slow aborted'))
    setTimeout(() => res.end('late'), Number(query.get('ms')))
  },
  '/late-body': (_, res, { events }) => {
    res.writeHead(200, { 'content-length': '4' })
    res.flushHeaders()
    setTimeout(() => {
      events.push('late body')
      res.end('body')
    }, 1000)
  },
  '/garbage': (req) => req.socket.end('this is not HTTP\r\n\r\n'),
  '/nothing': (req) => req.socket.end(),
  '/reset': (req) => void req.socket.resetAndDestroy(),
  '/reset-after-body': (req) => req.resume().on('end', () => req.socket.resetAndDestroy()),
  '/huge-headers': (_, res) => res.writeHead(200, { 'x-huge': 'h'.repeat(200_000) }).end('x'),
  '/length-and-chunked': (req) =>
    req.socket.end(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    ),
  '/two-lengths': (req) =>
    req.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde'),
  '/bad-header': (req) => req.socket.end('HTTP/1.1 200 OK\r\nX-A: a\u0000b\r\nContent-Length: 0\r\n\r\n'),
  '/flood': (req) => {
    const timer = setInterval(
      () => req.socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'.repeat(10)),
      1,
    )
    req.socket.on('close', () => clearInterval(timer))
  },
  '/hints': (_, res) => {
    res.writeProcessing()
    res.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => res.end('hinted'))
  },
  '/half': (req) => {
    req.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it')
    setTimeout(() => req.socket.destroy(), 50)
  },
  '/half-chunked': (req) => {
    req.socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n')
    setTimeout(() => req.socket.destroy(), 50)
  },
  '/until-close': (req) => req.socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'),
  '/drip': (req) => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'
    ;[...text].forEach((letter, i) => void setTimeout(() => req.socket.write(letter), i * 2))
  },
  '/trailers': (_, res) => {
    res.writeHead(200, { trailer: 'X-Sum' })
    res.write('body')
    res.addTrailers({ 'X-Sum': '42', 'Set-Cookie': 'portero=x' })
    res.end()
  },
  '/cookies': (_, res) => {
    res.writeHead(200, [
      ...[
        'Set-Cookie',
        'token=1; Path=/',
        'Set-Cookie',
        'portero=evil; Path=/',
        'Set-Cookie',
        '__Host-portero=evil',
      ],
      ...['set-cookie', 'X-Auth-Phone=evil; Domain=example.org', 'Set-Cookie', 'token2=2', 'X-Hop', 'gone'],
      ...['Connection', 'X-Hop, keep-alive', 'Date', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ])
    res.end('cookies')
  },
  '/gzip': (_, res) => {
    const body = gzipSync('compressed')
    res.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body)
  },
  '/range': (req, res) => {
    res.writeHead(206, { 'content-range': 'bytes 2-4/10', 'x-range': req.headers.range ?? '' }).end('cde')
  },
  '/204': (_, res) => res.writeHead(204).end(),
  '/304': (_, res) => res.writeHead(304, { etag: '"a"', 'content-length': '10' }).end(),
  '/public-cache': (_, res) => res.writeHead(200, { 'cache-control': 'public, max-age=60' }).end('shared'),
  '/early-refusal': (_, res) => res.writeHead(413, { 'content-length': '7' }).end('too big'),
  '/kilobyte': (_, res) => res.writeHead(200, { 'content-length': '1024' }).end('k'.repeat(1024)),
  '/download': (_, res, { query }) => {
    let left = Number(query.get('bytes'))
    const chunk = Buffer.alloc(64 * 1024, 'd')
    res.writeHead(200, { 'content-length': left })
    const more = () => {
      while (left > 0) {
        const size = Math.min(left, chunk.length)
        left -= size
        if (!res.write(chunk.subarray(0, size))) return void res.once('drain', more)
      }
      res.end()
    }
    more()
  },
  '/never-reads': (req) => void req.pause(),
}
