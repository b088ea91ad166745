import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type OpenWebuiSettings, settingsBehindPortero } from './settings.ts'
import { type StandInAccounts, standInAccounts } from './stand-in-accounts.ts'
import { administrationRoutes } from './stand-in-administration.ts'
import { completionsPath, type StandInModels, standInCompletions } from './stand-in-completions.ts'
import { type Answer, allowedOrigins, Refused } from './stand-in-request.ts'
import { sessionRoutes } from './stand-in-sessions.ts'
import { standInSockets } from './stand-in-sockets.ts'

/** What the stand-in was asked, as it came. */
export type StandInRequest = { method: string; target: string; rawHeaders: string[]; body: string }

export type OpenWebuiStandIn = {
  readonly port: number
  readonly url: URL
  /** May be changed while it runs, as an administrator does in Open WebUI's panel. */
  readonly settings: OpenWebuiSettings
  readonly accounts: StandInAccounts
  /** Every request, upgrades included, in order. */
  readonly requests: StandInRequest[]
  readonly sockets: ReturnType<typeof standInSockets>
  /** Where its models listen, by name; anybody may ask them. */
  readonly models: StandInModels
  /** What `/static/loader.js` holds; empty as shipped. */
  loader: string
  /** Answers in the place of a route when it returns true: for the answers of other versions, and for none at all. */
  answerInstead: ((req: IncomingMessage, res: ServerResponse) => boolean) | undefined
  close(): Promise<void>
}

const loaderPath = '/static/loader.js'
const page = `<!doctype html>
<html lang="en"><head><title>Open WebUI</title>
<script src="/static/loader.js" defer crossorigin="use-credentials"></script>
</head><body>Open WebUI</body></html>
`

/**
 * Answers like Open WebUI 0.12.4 where Portero looks at the answer; test/contracts/open-webui.contract.ts holds both to the
 * same. Without settings it is set up as it is behind Portero.
 */
export async function openOpenWebuiStandIn(
  given: OpenWebuiSettings = {},
  port = 0,
): Promise<OpenWebuiStandIn> {
  const settings: OpenWebuiSettings = { ...settingsBehindPortero, ...given }
  const sockets = standInSockets({
    accountOf: (token) => {
      const bearer = accounts.read(token)
      return 'account' in bearer && bearer.account.role !== 'pending' ? bearer.account.id : undefined
    },
    isAllowedOrigin: (origin) => allowedOrigins(settings).some((one) => one === '*' || one === origin),
  })
  const accounts = standInAccounts(settings, (accountId) => sockets.cut(accountId))
  const requests: StandInRequest[] = []
  const models: StandInModels = new Map()
  const complete = standInCompletions({ settings, accounts, models })
  const routes = [...sessionRoutes({ settings, accounts }), ...administrationRoutes({ settings, accounts })]

  const server = createServer({ maxHeaderSize: 64 * 1024 }, async (req, res) => {
    const request = { method: req.method!, target: req.url!, rawHeaders: req.rawHeaders, body: '' }
    requests.push(request)
    const chunks: Buffer[] = []
    req.on('error', () => {})
    for await (const chunk of req) chunks.push(chunk as Buffer)
    request.body = Buffer.concat(chunks).toString()
    if (standIn.answerInstead?.(req, res)) return
    answer(req, res, request.body)
  })
  server.on('upgrade', (req, socket, head) => {
    requests.push({ method: req.method!, target: req.url!, rawHeaders: req.rawHeaders, body: '' })
    sockets.upgrade(req, socket, head)
  })

  function answer(req: IncomingMessage, res: ServerResponse, body: string): void {
    const { origin } = req.headers
    if (pathOf(req).startsWith('/api/v1/auths/')) res.setHeader('cache-control', 'no-store')
    if (origin !== undefined && allowedOrigins(settings).some((one) => one === '*' || one === origin)) {
      res.setHeader('access-control-allow-origin', origin)
      res.setHeader('access-control-allow-credentials', 'true')
    }
    try {
      if (req.method === 'POST' && pathOf(req) === completionsPath) return void complete(req, res, body)
      const found = routed(req, body)
      if (found === undefined) sendFile(req, res, standIn.loader)
      else send(res, found)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      send(res, { status: error.status, json: { detail: error.message } })
    }
  }

  /** What the route answers; undefined where there is none, and a GET gets a file or the page. */
  function routed(req: IncomingMessage, body: string): Answer | undefined {
    for (const [method, pattern, handle] of routes) {
      const match = method === req.method ? pattern.exec(pathOf(req)) : null
      if (match === null) continue
      const query = new URLSearchParams(req.url!.split('?')[1])
      return handle({ req, body, query, id: match[1] ?? '' })
    }
    if (req.method !== 'GET' && req.method !== 'HEAD') throw new Refused(405, 'Method Not Allowed')
    if (pathOf(req).startsWith('/static/') && pathOf(req) !== loaderPath) throw new Refused(404, 'Not Found')
    return undefined
  }

  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const listening = (server.address() as AddressInfo).port
  const standIn: OpenWebuiStandIn = {
    port: listening,
    url: new URL(`http://127.0.0.1:${listening}`),
    ...{ settings, accounts, requests, sockets, models },
    loader: '',
    answerInstead: undefined,
    close: () =>
      new Promise((done) => {
        sockets.close()
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  return standIn
}

/** Without the query and the origin of an absolute form, decoded once as Open WebUI does it. */
function pathOf(req: IncomingMessage): string {
  const path = req.url!.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0]!
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function send(res: ServerResponse, { status = 200, headers = {}, json }: Answer): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json))
}

/** The loader, or for any other path the page itself. */
function sendFile(req: IncomingMessage, res: ServerResponse, loader: string): void {
  const isLoader = pathOf(req) === loaderPath
  const body = isLoader ? loader : page
  const etag = `"${createHash('md5').update(body).digest('hex')}"`
  const type = isLoader ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8'
  const headers = { 'content-type': type, etag, ...(!isLoader && { 'cache-control': 'no-cache' }) }
  if (req.headers['if-none-match'] === etag) res.writeHead(304, headers).end()
  else res.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}
