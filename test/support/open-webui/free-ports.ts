import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'

/** Ports on which nothing listens now, each another one: for what has to be told to two programs before either starts. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listening))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

/** One such port. */
export const freePort = async (): Promise<number> => (await freePorts(1))[0]!

function listening(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
