import { Client } from 'undici'

/** Somebody who waits for a connection to the upstream. */
export type Waiter = { start(client: Client): void }

/**
 * Connections to one upstream, each carrying one request at a time; the one used last is used next, so that few stay warm.
 * At most `clientsMax` work at once, and as many requests again wait for one.
 */
export type UpstreamClients = {
  /** Starts the waiter now or when a connection is free; false when there is no room to wait. */
  serve(waiter: Waiter): boolean
  /** Takes a waiter out of the line again. */
  forget(waiter: Waiter): void
  /** Makes room for another: what this connection carries is a stream that may last for hours. */
  exempt(): void
  /** Takes a connection back; `wasExempt` when `exempt` was called for what it carried. */
  giveBack(client: Client, wasExempt: boolean): void
  close(): Promise<void>
}

type Limits = { readonly clientsMax: number; readonly connectTimeoutMs: number }

/** Of answers of the upstream, where Node's own 16 KB would be too few for some apps. */
const responseHeadersMax = 64 * 1024
/** Shorter than the 5 s after which Node and uvicorn hang up, so that no request meets a closing connection. */
const idleMs = 4_000

export function openUpstreamClients(url: URL, limits: Limits): UpstreamClients {
  const idle: Client[] = []
  const line = new Set<Waiter>()
  let working = 0
  let isClosed = false

  function make(): Client {
    return new Client(url.origin, {
      pipelining: 1,
      // The gateway has its own timeouts: those of undici count per chunk, and would end idle event streams.
      headersTimeout: 0,
      bodyTimeout: 0,
      connectTimeout: limits.connectTimeoutMs,
      keepAliveTimeout: idleMs,
      maxHeaderSize: responseHeadersMax,
      allowH2: false,
    })
  }

  function startNext(): void {
    const [next] = line
    if (next === undefined || working >= limits.clientsMax) return
    line.delete(next)
    working++
    next.start(idle.pop() ?? make())
  }

  return {
    serve(waiter) {
      if (isClosed) return false
      if (working < limits.clientsMax) {
        working++
        waiter.start(idle.pop() ?? make())
        return true
      }
      if (line.size >= limits.clientsMax) return false
      line.add(waiter)
      return true
    },
    forget(waiter) {
      line.delete(waiter)
    },
    exempt() {
      working--
      startNext()
    },
    giveBack(client, wasExempt) {
      if (!wasExempt) working--
      if (isClosed || idle.length >= limits.clientsMax) void client.destroy()
      else idle.push(client)
      startNext()
    },
    async close() {
      isClosed = true
      await Promise.all(idle.splice(0).map((client) => client.destroy()))
    },
  }
}
