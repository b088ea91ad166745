/** The plainest proxy that one would write with `node:http` and an undici pool: it checks nothing and adds nothing. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

const pool = new Pool(`http://127.0.0.1:${process.env.UPSTREAM_PORT}`, { pipelining: 1, connections: 512 })
const server = createServer((req, res) => {
  const { connection: _, host: __, ...headers } = req.headers
  const passOn = ({ statusCode, headers }: { statusCode: number; headers: object }) =>
    res.writeHead(statusCode, { ...headers })
  // A client that hangs up at the end of a measurement is no mistake.
  pool.stream({ path: req.url!, method: 'GET', headers }, passOn).catch(() => res.destroy())
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
