import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  ana,
  openWebuiStandIns,
  secretToken as secret,
  toldBy,
} from '../../../../test/support/open-webui-stand-ins.ts'
import { signIn } from './sign-in.ts'

const standIns = openWebuiStandIns()
afterEach(standIns.close)

describe('an application that does not answer', () => {
  test('is unreachable, and says neither token nor query', async () => {
    const { standIn, call } = await standIns.open()
    await standIn.close()
    const path = '/api/v1/users/?query=ana%40people.invalid'
    const told = await toldBy(call({ path, headers: { authorization: `Bearer ${secret}` } }))
    expect(told.code).toBe('upstream_unreachable')
    expect(told.cause).toMatch(/^GET \/api\/v1\/users\/: ECONNREFUSED/)
    expect(told.all).not.toMatch(/eyJ|people\.invalid/)
  })

  test.each([
    ['before its headers', () => {}],
    ['in the middle', (write: (text: string) => void) => write('{"token":')],
  ])('is late when it hangs %s', async (_, start) => {
    const { standIn } = await standIns.open()
    standIn.answerInstead = (_, res) => {
      start((text) => res.writeHead(200).write(text))
      return true
    }
    const told = await toldBy(signIn(standIns.openCall(standIn.url, { timeoutMs: 200 }), ana))
    expect(told.code).toBe('upstream_timeout')
  })

  test.each([
    ['resets', '', 'upstream_unreachable'],
    [
      'ends too early',
      `HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"token":"${secret}"`,
      'upstream_unreachable',
    ],
    ['talks nonsense', `${secret}\r\n\r\n`, 'upstream_unreachable'],
    ['says too much', `HTTP/1.1 200 OK\r\n\r\n${secret.repeat(100)}`, 'app_answer_unknown'],
    ['has too many headers', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(200_000)}\r\n\r\n`, 'upstream_unreachable'],
  ])('that %s is refused, and the next request works', async (_, text, code) => {
    let isBad = true
    const { standIn } = await standIns.open()
    const server = createServer((req, res) => {
      if (!isBad) return res.end('{}')
      req.resume()
      res.socket!.end(text)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    standIns.onClose(() => new Promise((done) => server.close(() => done())))
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const call = standIns.openCall(url, { answerBytesMax: 1_000 })
    const told = await toldBy(signIn(call, ana))
    expect(told.code).toBe(code)
    expect(told.all).not.toContain(secret)
    isBad = false
    expect((await call({ path: '/' })).body).toBe('{}')
    expect(standIn.requests).toEqual([])
  })
})
