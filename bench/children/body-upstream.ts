/** An upstream that swallows bodies and answers with their length; `/slow` takes its time. `/10mb` is ten megabytes. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const tenMegabytes = Buffer.alloc(10 * 2 ** 20, 'd')

const server = createServer(async (req, res) => {
  let bytes = 0
  for await (const part of req) {
    bytes += part.length
    if (req.url === '/slow') await sleep(1)
  }
  res.end(req.url === '/10mb' ? tenMegabytes : String(bytes))
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
