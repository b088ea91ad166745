import { afterEach, describe, expect, test } from 'vitest'
import { openOpenWebuiStandIn } from '../../../../test/support/open-webui/stand-in.ts'
import { openAppCall } from './call.ts'
import { loaderAnswer } from './loader.ts'
import { signOutAnswer } from './sign-out.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function openApp() {
  const standIn = await openOpenWebuiStandIn()
  const { call, close } = openAppCall(standIn.url)
  closing.push(() => standIn.close(), close)
  return { standIn, call }
}

const valuesOf = (headers: readonly (readonly [string, string])[], name: string) =>
  headers.filter(([one]) => one === name).map(([, value]) => value)
const where = '/_portero/signout?ticket=abc'
const nobody = { cookie: undefined, authorization: undefined }

describe('the answer to a sign-out', () => {
  test("is the application's own, but leads to Portero", async () => {
    const { standIn, call } = await openApp()
    const credentials = { cookie: 'token=x; owui-session=y', authorization: 'Bearer z' }
    const answer = await signOutAnswer(call, credentials, where)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toEqual({ status: true, redirect_url: where })
    expect(valuesOf(answer.headers, 'Set-Cookie')).toEqual([
      ...[expect.stringMatching(/^token="";.* Max-Age=0;/), expect.stringMatching(/^owui-session="";/)],
      ...[expect.stringMatching(/^oui-session="";/), expect.stringMatching(/^oauth_id_token="";/)],
    ])
    expect(valuesOf(answer.headers, 'Cache-Control')).toEqual(['no-store'])
    const sent = standIn.requests[0]!.rawHeaders
    expect(sent).toEqual(expect.arrayContaining(['token=x; owui-session=y', 'Bearer z']))
  })

  test.each([
    [500, '{"detail":"Failed to sign out"}'],
    [200, '<!doctype html>'],
    [0, ''],
  ])(
    'takes the cookie away and leads to the same place when the application answers %i %j',
    async (status, body) => {
      const { standIn, call } = await openApp()
      standIn.answerInstead = (_, res) => {
        if (status === 0) res.destroy()
        else res.writeHead(status, { 'set-cookie': 'token=other' }).end(body)
        return true
      }
      const answer = await signOutAnswer(call, nobody, where)
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.body)).toEqual({ status: true, redirect_url: where })
      expect(valuesOf(answer.headers, 'Set-Cookie')).toEqual([
        'token=; Max-Age=0; Path=/; HttpOnly; SameSite=lax',
      ])
    },
  )
})

describe('the loader', () => {
  test("is Portero's script before the application's own, never kept without asking", async () => {
    const { standIn, call } = await openApp()
    standIn.loader = 'window.own = 1'
    const answer = await loaderAnswer(call, 'window.ours = 1')
    expect(answer.body).toBe('window.ours = 1;\nwindow.own = 1')
    expect(valuesOf(answer.headers, 'Content-Type')).toEqual(['text/javascript; charset=utf-8'])
    expect(valuesOf(answer.headers, 'Cache-Control')).toEqual(['no-cache'])
  })

  test("is Portero's script alone where the application has none, or does not answer", async () => {
    const { standIn, call } = await openApp()
    for (const status of [200, 404, 302, 0]) {
      standIn.answerInstead = (_, res) => {
        if (status === 0) res.destroy()
        else res.writeHead(status, { 'content-type': 'text/html' }).end('<!doctype html>')
        return true
      }
      expect(await loaderAnswer(call, 'ours')).toMatchObject({ status: 200, body: 'ours;\n' })
    }
  })
})
