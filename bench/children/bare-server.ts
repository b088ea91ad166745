/** A bare `node:http` server that gives one answer, as `ANSWER` has it, with the settings of Portero's own server. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { frontServerOptions } from '../../src/gateway/front.ts'

const { status, headers, body } = JSON.parse(process.env.ANSWER!) as {
  status: number
  headers: string[]
  body: string
}
const { shouldUpgradeCallback: _, ...options } = frontServerOptions
const server = createServer(options, (_req, res) => {
  res.writeHead(status, headers)
  res.end(body)
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
