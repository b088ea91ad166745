import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { post } from './post.ts'

let server: Server
afterEach(() => new Promise((done) => server.close(done).closeAllConnections()))

async function listen(answer: RequestListener): Promise<string> {
  server = createServer(answer)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const to = (url: string) => ({ url, headers: { authorization: 'Bearer secret' }, body: '{}' })
const soon = () => AbortSignal.timeout(2000)

test('a redirect is an answer, and credentials are not carried on', async () => {
  const asked: string[] = []
  const url = await listen((req, res) => {
    asked.push(req.url!)
    res.writeHead(307, { location: '/elsewhere' }).end()
  })
  expect(await post(fetch, to(`${url}/here`), soon())).toMatchObject({ status: 307, json: undefined })
  expect(asked).toEqual(['/here'])
})

test('an answer without end is not read to the end', async () => {
  let written = 0
  const url = await listen((_req, res) => {
    const more = () => {
      written += 16_384
      if (!res.destroyed) res.write(' '.repeat(16_384), more)
    }
    more()
  })
  expect(await post(fetch, to(url), soon())).toMatchObject({ status: 200, json: undefined })
  expect(written).toBeLessThan(16 * 1024 * 1024)
})

test.each([
  ['40', 40],
  ['999999', 3600],
  ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ['-1', undefined],
])('a Retry-After of %s is %s seconds', async (header, seconds) => {
  const url = await listen((_req, res) => void res.writeHead(429, { 'retry-after': header }).end('{}'))
  expect(await post(fetch, to(url), soon())).toMatchObject({ json: {}, retryAfterSeconds: seconds })
})
