/**
 * The least that passes a request on with undici: one Client a request, the one used last first, as Portero's gateway does,
 * but it checks nothing, adds nothing, limits nothing. Requests without a body only.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client, type Dispatcher } from 'undici'

const origin = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`
const idle: Client[] = []
const isOfOneHop = (name: string): boolean => /^(?:connection|keep-alive|transfer-encoding)$/i.test(name)

class PassOn implements Dispatcher.DispatchHandler {
  readonly #client: Client
  readonly #res: ServerResponse
  #bodyLeft = -1

  constructor(client: Client, res: ServerResponse) {
    this.#client = client
    this.#res = res
  }

  onRequestStart(): void {}

  onResponseStart({ rawHeaders }: Dispatcher.DispatchController, status: number): void {
    const raw = rawHeaders as Buffer[]
    const headers: string[] = []
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i]!.toString('latin1')
      if (isOfOneHop(name)) continue
      headers.push(name, raw[i + 1]!.toString('latin1'))
      if (/^content-length$/i.test(name)) this.#bodyLeft = Number(headers.at(-1))
    }
    this.#res.sendDate = false
    this.#res.writeHead(status, headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bodyLeft -= chunk.length
    if (this.#bodyLeft === 0) this.#res.end(chunk)
    else if (!this.#res.write(chunk)) {
      controller.pause()
      this.#res.once('drain', () => controller.resume())
    }
  }

  onResponseEnd(): void {
    idle.push(this.#client)
    if (!this.#res.writableEnded) this.#res.end()
  }

  onResponseError(): void {
    this.#res.destroy()
  }
}

const server = createServer({ noDelay: true, optimizeEmptyRequests: true }, ({ url, rawHeaders }, res) => {
  const headers: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!isOfOneHop(rawHeaders[i]!)) headers.push(rawHeaders[i]!, rawHeaders[i + 1]!)
  }
  const client =
    idle.pop() ?? new Client(origin, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, allowH2: false })
  client.dispatch({ path: url!, method: 'GET', headers, blocking: false }, new PassOn(client, res))
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
