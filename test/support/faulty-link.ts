import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server that can be cut, or can fall silent while it stays open. */
export type FaultyLink = {
  readonly port: number
  /** Breaks every connection, and refuses new ones until `mend`. */
  cut(): Promise<void>
  /** Passes nothing on, in either direction, until `mend`. */
  silence(): void
  mend(): Promise<void>
  close(): Promise<void>
}

/** Opens a link on a loopback port to a unix socket or a port. */
export async function openFaultyLink(
  to: { path: string } | { host: string; port: number },
): Promise<FaultyLink> {
  const sockets = new Set<Socket>()
  let isSilent = false
  let server: Server | undefined
  let port = 0

  function pass(client: Socket): void {
    const target = connect(to)
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(one)
      if (isSilent) one.pause()
      one.on('data', (chunk) => other.write(chunk))
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      if (isSilent) one.pause()
    }
  }
  async function listen(): Promise<void> {
    server = createServer(pass)
    await new Promise<void>((done) => server!.listen(port, '127.0.0.1', done))
    port = (server.address() as AddressInfo).port
  }
  async function cut(): Promise<void> {
    const closing = server
    server = undefined
    for (const socket of sockets) socket.destroy()
    if (closing !== undefined) await new Promise((done) => closing.close(done))
  }

  await listen()
  return {
    get port() {
      return port
    },
    cut,
    silence() {
      isSilent = true
      for (const socket of sockets) socket.pause()
    },
    async mend() {
      isSilent = false
      for (const socket of sockets) socket.resume()
      if (server === undefined) await listen()
    },
    close: cut,
  }
}
