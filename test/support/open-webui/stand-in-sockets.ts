import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

/** Who a token stands for; undefined when it is worth nothing or its account waits for approval. */
type Needs = {
  accountOf: (token: string) => string | undefined
  isAllowedOrigin: (origin: string) => boolean
}

/**
 * The socket at `/ws/socket.io/` in the words of Socket.IO 5 over Engine.IO 4. Like Open WebUI it takes anybody, and those
 * with a token that is worth something join their account's room. To be cut is to get the packet `41`: the server leaves it to the
 * client to close the websocket.
 */
export function standInSockets({ accountOf, isAllowedOrigin }: Needs) {
  const server = new WebSocketServer({ noServer: true })
  const rooms = new Map<WebSocket, string>()

  function greet(ws: WebSocket): void {
    ws.on('error', () => {})
    ws.on('close', () => rooms.delete(ws))
    ws.on('message', (data) => {
      const text = String(data)
      if (!text.startsWith('40')) return
      const token: unknown = text === '40' ? undefined : JSON.parse(text.slice(2)).token
      const accountId = typeof token === 'string' ? accountOf(token) : undefined
      if (accountId !== undefined) rooms.set(ws, accountId)
      ws.send(`40${JSON.stringify({ sid: randomUUID() })}`)
    })
    const times = { pingTimeout: 20_000, pingInterval: 25_000 }
    ws.send(`0${JSON.stringify({ sid: randomUUID(), upgrades: [], ...times, maxPayload: 16_777_216 })}`)
  }

  return {
    upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
      socket.on('error', () => {})
      const { origin } = req.headers
      if (!req.url!.startsWith('/ws/socket.io/') || (origin !== undefined && !isAllowedOrigin(origin))) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        return
      }
      server.handleUpgrade(req, socket, head, greet)
    },

    /** Puts the account's sockets out of its room and tells them so. */
    cut(accountId: string): void {
      for (const [ws, id] of rooms) {
        if (id !== accountId) continue
        rooms.delete(ws)
        ws.send('41')
      }
    },

    /** Sends an event to all sockets of an account, as a chat does while it is answered. */
    emit(accountId: string, name: string, data: unknown): void {
      for (const [ws, id] of rooms) if (id === accountId) ws.send(`42${JSON.stringify([name, data])}`)
    },

    /** How many sockets of the account are in its room. */
    count: (accountId: string) => [...rooms.values()].filter((id) => id === accountId).length,

    close(): void {
      for (const ws of server.clients) ws.terminate()
      server.close()
    },
  }
}
