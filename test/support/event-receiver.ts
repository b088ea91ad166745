import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** An event as it was received. */
export type ReceivedEvent = {
  readonly type: string
  readonly timestamp: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A program that is told of events: it keeps what comes, and answers as it is bid; 204 otherwise. */
export async function openEventReceiver() {
  let requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = []
  let answer: (event: ReceivedEvent) => number = () => 204
  let delayMs = 0
  let strayed = 0

  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    if (req.url !== '/portero') {
      strayed += 1
      res.writeHead(204).end()
      return
    }
    const body = Buffer.concat(chunks).toString('utf8')
    requests.push({ headers: req.headers, body })
    const status = answer(JSON.parse(body))
    if (delayMs > 0) await sleep(delayMs)
    res.writeHead(status, status === 307 ? { location: '/elsewhere' } : {}).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/portero`,
    requests: () => requests,
    events: () => requests.map(({ body }): ReceivedEvent => JSON.parse(body)),
    /** How often this very event came, by what it tells. */
    triesOf: (event: ReceivedEvent) => requests.filter(({ body }) => body === JSON.stringify(event)).length,
    /** What came to other paths than the one that was given. */
    strayed: () => strayed,
    answerWith(how: typeof answer) {
      answer = how
    },
    /** Answers so much later. */
    delay(ms: number) {
      delayMs = ms
    },
    reset() {
      requests = []
      answer = () => 204
      delayMs = 0
    },
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
