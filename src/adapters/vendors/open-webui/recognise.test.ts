import { afterEach, describe, expect, test } from 'vitest'
import { openWebuiStandIns, toldBy } from '../../../../test/support/open-webui-stand-ins.ts'
import { isOpenWebui } from './recognise.ts'

const standIns = openWebuiStandIns()
afterEach(standIns.close)

describe('an application of unknown kind', () => {
  test('is an Open WebUI by what it tells about itself, whatever its name', async () => {
    const { standIn, call } = await standIns.open()
    expect(await isOpenWebui(call)).toBe(true)
    const answers: [number, unknown, boolean][] = [
      [200, '<!doctype html><title>Open WebUI</title>', false],
      [200, { status: true, version: '1.0', name: 'Open WebUI' }, false],
      [404, { status: true, version: '1.0', features: { auth: true, auth_trusted_header: true } }, false],
      [200, { status: true, version: '1.0', features: { auth: true, auth_trusted_header: true } }, true],
      [302, '', false],
      [401, { detail: 'no' }, false],
      [500, { detail: 'no' }, false],
    ]
    for (const [status, body, expected] of answers) {
      standIn.answerInstead = (_, res) => {
        res.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json' })
        res.end(typeof body === 'string' ? body : JSON.stringify(body))
        return true
      }
      expect(await isOpenWebui(call)).toBe(expected)
    }
    standIn.answerInstead = (_, res) => {
      res.writeHead(502).end()
      return true
    }
    expect((await toldBy(isOpenWebui(call))).code).toBe('upstream_unreachable')
  })

  test('is none when it goes on and on, at any address', async () => {
    const { standIn, call } = await standIns.open()
    standIn.answerInstead = (_, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      return true
    }
    const began = performance.now()
    expect(await isOpenWebui(call)).toBe(false)
    // Without waiting for an end, which would take the ten seconds that a call has.
    expect(performance.now() - began).toBeLessThan(8_000)
    standIn.answerInstead = (_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).end(`{"a":"${'x'.repeat(5_000_000)}"}`)
      return true
    }
    expect(await isOpenWebui(call)).toBe(false)
  })
})
