import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { openBrowser } from '../../../../test/support/browser.ts'
import { loaderScript } from './loader-script.ts'

/** An app that loads the script as Open WebUI does, and a Portero that says whether there is a session. */
async function openApp() {
  const state = { isSignedIn: true, isConfigRefused: false, asked: 0 }
  const sockets = new Set<WebSocket>()
  const server = createServer((req, res) => {
    const path = req.url!.split('?')[0]!
    const answer = (status: number, type: string, body: string, headers = {}) =>
      res.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers }).end(body)
    if (path === '/static/loader.js') answer(200, 'text/javascript', loaderScript)
    else if (path === '/_portero/api/me') {
      state.asked++
      answer(state.isSignedIn ? 200 : 401, 'application/json', '{}')
    } else if (path.startsWith('/_portero/')) answer(200, 'text/html', 'Portero')
    else if (path === '/api/marked')
      answer(401, 'application/json', '{}', { 'portero-refusal': 'not_signed_in' })
    else if (path === '/api/plain') answer(401, 'application/json', '{"detail":"own"}')
    else if (path === '/api/config') answer(state.isConfigRefused ? 401 : 200, 'application/json', '{}')
    else if (path === '/late') answer(200, 'text/html', pageThatIsFaster)
    else
      answer(
        200,
        'text/html',
        '<!doctype html><title>app</title><script src="/static/loader.js" defer></script>',
      )
  })
  const websockets = new WebSocketServer({ server })
  websockets.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('message', (text) => socket.send(`echo ${text}`))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...{ state, url },
    cut: () => {
      for (const socket of sockets) socket.terminate()
    },
    close: () =>
      new Promise<void>((done) => {
        for (const socket of sockets) socket.terminate()
        websockets.close()
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

/** It takes the constructor, and opens its first socket, before the script is there; later it opens others with what it took. */
const pageThatIsFaster = `<!doctype html><title>app</title><script>
var Taken = WebSocket, address = location.origin.replace('http', 'ws')
function open() { var s = new Taken(address); s.onopen = () => s.send('hi'); s.onmessage = () => { window.heard = (window.heard || 0) + 1 }; return s }
window.first = new Taken(address)
</script><script src="/static/loader.js" defer></script>`

const tokenOf = (id: string, serial = 1) =>
  `e30.${Buffer.from(JSON.stringify({ id, serial, name: 'ÿÿ>?' })).toString('base64url')}.sig`

describe('the script in the pages of Open WebUI, in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser
  let app: Awaited<ReturnType<typeof openApp>>
  let context: BrowserContext
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    app = await openApp()
    context = await browser.newContext()
    faults = []
    page = await openPage('/c/7?a=b#end', tokenOf('ana'))
  })
  afterEach(async () => {
    await context.close()
    await app.close()
    expect(faults).toEqual([])
  })

  async function openPage(path: string, token?: string): Promise<Page> {
    const opened = await context.newPage()
    opened.on('pageerror', (error) => faults.push(String(error)))
    await opened.goto(`${app.url}/manifest.json`)
    await opened.evaluate((text) => {
      const storage = (globalThis as unknown as { localStorage: Record<string, string> }).localStorage
      if (text !== undefined) storage.token = text
    }, token)
    await opened.goto(app.url + path)
    return opened
  }

  /** Runs in the page. */
  const run = <Result>(code: string, at = page) => at.evaluate(code) as Promise<Result>
  const whereIs = (at = page) => at.url().slice(app.url.length)
  const settled = `Promise.race([
    ...[1, 2, 3].map(() => fetch("/api/marked").then(() => "settled")),
    new Promise((go) => setTimeout(go, 300, "never")),
  ])`
  const toSignIn = `/_portero/signin?return=${encodeURIComponent('/c/7?a=b#end')}`

  test('a marked 401 leads to the sign-in and back, and what was asked is never answered', async () => {
    const held: Route[] = []
    await page.route('**/_portero/signin*', (route) => void held.push(route))
    expect(await run(settled)).toBe('never')
    expect(held.length).toBe(1)
    await held[0]!.continue()
    await page.waitForURL('**/_portero/signin*')
    expect(whereIs()).toBe(toSignIn)
  })

  test("a 401 without the marker is the application's own and passes, like every other answer", async () => {
    const asked = 'fetch("/api/plain").then(async (answer) => [answer.status, (await answer.json()).detail])'
    expect(await run(asked)).toEqual([401, 'own'])
    expect(await run('fetch("/api/config").then((answer) => answer.ok)')).toBe(true)
    expect(await run('fetch("http://127.0.0.1:1/").catch((error) => error.name)')).toBe('TypeError')
    expect(await run('fetch("/", { mode: "no-cors", redirect: "manual" }).then(() => 1)')).toBe(1)
    expect(whereIs()).toBe('/c/7?a=b#end')
  })

  test.each([
    ['/auth?redirect=%2Fc%2F9%3Fx%3D1', '/c/9?x=1'],
    ['/auth', '/'],
    ['/auth?redirect=%2F%2Felsewhere.example', '/'],
    ['/auth?redirect=https%3A%2F%2Felsewhere.example', '/'],
    ['/auth?redirect=%2F%5Celsewhere.example', '/'],
    ['/error', '/'],
    ['/author', '/author'],
  ])('from %s somebody comes back to %s', async (from, back) => {
    await page.goto(app.url + from)
    await run('void fetch("/api/marked")')
    await page.waitForURL('**/_portero/signin*')
    expect(whereIs()).toBe(`/_portero/signin?return=${encodeURIComponent(back)}`)
  })

  test('a configuration that is refused without marker leads to the hand-off, once', async () => {
    app.state.isConfigRefused = true
    await run('void fetch("/api/config")')
    await page.waitForURL('**/_portero/handoff*')
    expect(whereIs()).toBe(toSignIn.replace('signin', 'handoff'))
    await page.goto(`${app.url}/c/7`)
    expect(await run('fetch("/api/config").then((answer) => answer.status)')).toBe(401)
    expect(whereIs()).toBe('/c/7')
  })

  test('a cut websocket asks, leaves only without a session, and works as websockets do', async () => {
    const open =
      'new Promise((go) => { const s = new WebSocket(location.origin.replace("http", "ws")); s.onmessage = (e) => go([e.data, s instanceof WebSocket, WebSocket.OPEN, s.readyState, WebSocket.name]); s.onopen = () => s.send("hi") })'
    expect(await run(open)).toEqual(['echo hi', true, 1, 1, 'WebSocket'])
    app.cut()
    await expect.poll(() => app.state.asked).toBe(1)
    expect(whereIs()).toBe('/c/7?a=b#end')
    await run(open)
    app.state.isSignedIn = false
    app.cut()
    await page.waitForURL('**/_portero/signin*')
    expect(whereIs()).toBe(toSignIn)
  })

  test.each([
    ['that was opened before, at its next word', 'first.send("hi")'],
    ['that a constructor taken before opens', 'void open()'],
    ['that only says what to do at its end', 'new Taken(address).onclose = () => {}'],
  ])('a socket %s, is watched too', async (_, code) => {
    await page.goto(`${app.url}/late`)
    await expect.poll(() => run('first.readyState')).toBe(1)
    await run(code)
    await sleep(200)
    app.state.isSignedIn = false
    app.cut()
    await page.waitForURL('**/_portero/signin*')
  })

  test('however many sockets close, it asks once a second', async () => {
    const closed =
      'Promise.all(Array.from({ length: 40 }, (_, i) => new Promise((go) => setTimeout(() => { const s = new WebSocket(location.origin.replace("http", "ws")); s.onopen = () => s.close(); s.onclose = go }, i * 40))))'
    await run(closed)
    await sleep(1_200)
    expect(app.state.asked).toBeGreaterThanOrEqual(2)
    expect(app.state.asked).toBeLessThanOrEqual(5)
    expect(whereIs()).toBe('/c/7?a=b#end')
  })

  test('a tab of the previous person goes to the front page of the next, a tab of the same one stays', async () => {
    const other = await openPage('/c/8')
    await run(`localStorage.token = '${tokenOf('ana', 2)}'`, other)
    await sleep(300)
    expect(whereIs()).toBe('/c/7?a=b#end')
    await run(`localStorage.removeItem('token'); localStorage.token = '${tokenOf('bruno')}'`, other)
    await page.waitForURL(`${app.url}/`)
  })

  test('a tab that learnt of its person after it was loaded goes too', async () => {
    await run('localStorage.clear()')
    const fresh = await openPage('/c/8')
    const other = await openPage('/c/9')
    await run(`localStorage.token = '${tokenOf('ana')}'; fetch('/api/plain').then(() => 1)`, fresh)
    await run(`localStorage.token = '${tokenOf('bruno')}'`, other)
    await fresh.waitForURL(`${app.url}/`)
  })

  test('a token that was removed makes the other tabs ask, and leave without a session', async () => {
    const other = await openPage('/c/8')
    await run('localStorage.removeItem("token")', other)
    await expect.poll(() => app.state.asked).toBe(1)
    expect(whereIs()).toBe('/c/7?a=b#end')
    app.state.isSignedIn = false
    await run('localStorage.clear()', other)
    await run('localStorage.token = "nonsense"', other)
    await page.waitForURL('**/_portero/signin*')
  })

  test('a tab that is looked at again asks, and goes when it is now of another person', async () => {
    await run('document.dispatchEvent(new Event("visibilitychange"))')
    await expect.poll(() => app.state.asked).toBe(1)
    await run(
      `localStorage.token = '${tokenOf('bruno')}'; dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`,
    )
    await page.waitForURL(`${app.url}/`)
  })

  test('nothing of it is left among the globals, and it is small', async () => {
    const names = 'Object.getOwnPropertyNames(window).sort().join()'
    const before = await page.context().newPage()
    await before.goto(`${app.url}/static/loader.js`)
    expect(await run(names)).toBe(await run(names, before))
    expect(Buffer.byteLength(loaderScript)).toBeLessThan(2600)
  })
})
