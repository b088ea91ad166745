import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPorteroInProcess, type PorteroInProcess } from '../../../test/support/portero-in-process.ts'
import { productionEnv } from '../../../test/support/portero-process.ts'
import { loadConfig } from '../../config/load.ts'
import { judgeForwarding, lookAtForwarding } from './forwarded-headers.ts'

const noFile = () => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
}
const configOf = (env: Record<string, string>) =>
  loadConfig({ env: { ...productionEnv('postgresql://portero@127.0.0.1/x'), ...env }, readFile: noFile })

type Rewrite = (headers: IncomingHttpHeaders) => IncomingHttpHeaders

describe('through a proxy, a Portero', () => {
  const proxies: Server[] = []
  let portero: PorteroInProcess
  beforeAll(async () => {
    const { DATABASE_URL: _own, ...env } = productionEnv('')
    portero = await openPorteroInProcess({
      ...env,
      PORTERO_DEMO: '',
      PORTERO_LISTEN__TRUSTED_PROXIES: '127.0.0.1',
    })
  })
  afterAll(async () => {
    for (const proxy of proxies) proxy.close().closeAllConnections()
    await portero.close()
  })

  async function seenThrough(rewrite: Rewrite): Promise<string> {
    const proxy = createServer((req, res) => {
      const options = { method: req.method!, headers: rewrite(req.headers) }
      const onward = request(`${portero.url}${req.url}`, options, (answer) => {
        res.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(res)
      })
      req.pipe(onward)
    })
    proxies.push(proxy)
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
    const { port } = proxy.address() as AddressInfo
    return lookAtForwarding(configOf({ PORTERO_PUBLIC_URL: `http://localhost:${port}` }))
  }

  test('hears nothing forged where the proxy overwrites', async () => {
    const own = { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' }
    expect(await seenThrough((headers) => ({ ...headers, ...own }))).toBe('sound')
    expect(await seenThrough((headers) => ({ ...headers, ...own, 'x-forwarded-proto': 'https' }))).toBe(
      'sound',
    )
  })

  test('shows a proxy that hands forged headers on', async () => {
    expect(await seenThrough((headers) => headers)).toBe('scheme_forged')
  })

  test('shows a proxy that does not say https, since sign-ins are refused then', async () => {
    const silent: Rewrite = ({ 'x-forwarded-proto': _forged, ...headers }) => ({
      ...headers,
      'x-forwarded-for': '198.51.100.7',
    })
    expect(await seenThrough(silent)).toBe('scheme_lost')
  })

  test('shows nothing where something else answers', async () => {
    const config = configOf({ PORTERO_PUBLIC_URL: 'http://localhost:1' })
    expect(await lookAtForwarding(config)).toBe('unseen')
  })
})

describe('whom Portero believes about addresses', () => {
  const judge = (env: Record<string, string>, seen: Parameters<typeof judgeForwarding>[1] = 'sound') =>
    judgeForwarding(configOf(env), seen).map(({ status, what }) => `${status}: ${what}`)
  const https = { PORTERO_PUBLIC_URL: 'https://chat.example.org' }
  const trusting = { PORTERO_LISTEN__TRUSTED_PROXIES: '10.0.0.1' }

  test('is told where a proxy has to be in front and none is believed, and the other way round', () => {
    expect(judge(https)).toEqual([expect.stringMatching(/^warning: A proxy is in front/)])
    expect(judge({ PORTERO_PUBLIC_URL: 'http://localhost', PORT: '8081' })).toEqual([
      expect.stringMatching(/^warning: A proxy is in front/),
    ])
    expect(judge({})).toEqual([expect.stringMatching(/^ok: Nobody is in front/)])
    expect(judge(trusting)).toEqual([expect.stringMatching(/^warning: .*leads straight to Portero/)])
  })

  test('must never be everybody', () => {
    for (const all of ['0.0.0.0/0', '::/0', '10.0.0.1,0.0.0.0/0']) {
      expect(judge({ ...https, PORTERO_LISTEN__TRUSTED_PROXIES: all })).toEqual([
        expect.stringMatching(/^fault: /),
      ])
    }
  })

  test.each([
    ['sound', 'ok'],
    ['unseen', 'unseen'],
    ['scheme_lost', 'fault'],
    ['scheme_forged', 'fault'],
  ] as const)('is judged by what showed: %s is %s', (seen, status) => {
    expect(judge({ ...https, ...trusting }, seen)).toEqual([
      expect.stringMatching(new RegExp(`^${status}: `)),
    ])
  })
})
