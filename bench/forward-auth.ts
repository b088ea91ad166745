import type { Bench, Row } from './bench.ts'
import { startBareServer } from './support/bare-server.ts'
import { interleave } from './support/interleave.ts'
import { type Load, type Measured, openGenerator } from './support/load.ts'
import { median } from './support/median.ts'
import { dataFolder, get, signIn, startPortero } from './support/portero.ts'
import { perCore } from './support/report.ts'

const rounds = 5
const seconds = 1
const path = '/_portero/auth'

/** Forward-auth against a bare server that gives the same answers. */
export const forwardAuth: Bench = {
  name: 'forward-auth',
  steps: rounds * 5,
  async run({ progress }) {
    const folder = await dataFolder()
    const portero = await startPortero(folder.path, { core: 'tested' })
    const cookie = await signIn(portero)
    const forged = cookie.replace(/\.[^.;]+;/, `.${'A'.repeat(43)};`).replace(/; x-auth-phone=.*/, '')
    const [allowed, refused] = await Promise.all(
      [cookie, ''].map((cookie) => get(portero.port, path, { cookie })),
    )
    const bareAllowed = await startBareServer(allowed!)
    const bareRefused = await startBareServer(refused!)
    const generator = await openGenerator()
    const measure = (server: { pid: number; port: number }, status: number, cookie: string) => () =>
      generator.measure({ ...load, port: server.port, request: requestWith(cookie), status }, [server.pid])
    const did = await interleave(
      rounds,
      {
        bareAllowed: measure(bareAllowed, 200, cookie),
        allowed: measure(portero, 200, cookie),
        refused: measure(portero, 401, ''),
        bareRefused: measure(bareRefused, 401, ''),
        forged: measure(portero, 401, forged),
      },
      progress,
    )
    await Promise.all([bareAllowed.stop(), bareRefused.stop(), portero.stop()])
    await folder.remove()
    return [
      beside('forward-auth, allowed', did.allowed, did.bareAllowed, 0.9),
      beside('forward-auth, refused', did.refused, did.bareRefused, undefined),
      besideAllowed('forward-auth, refused: CPU beside an allowed one', did.refused, did.allowed),
      besideAllowed('forward-auth, forged cookie: CPU beside an allowed one', did.forged, did.allowed),
    ]
  },
}

const load: Omit<Load, 'port' | 'request' | 'status'> = { connections: 32, seconds }

/** As nginx asks on behalf of a browser. */
function requestWith(cookie: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: chat.example.org',
    'X-Original-URI: /api/chat/completions',
    'X-Forwarded-For: 203.0.113.9',
    'X-Forwarded-Proto: https',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
    'Accept: application/json, text/plain, */*',
    'Accept-Language: es-AR,es;q=0.9',
    ...(cookie === '' ? [] : [`Cookie: ${cookie}; theme=dark; sidebar=open`]),
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

function beside(work: string, ours: Measured[], theirs: Measured[], atLeast: number | undefined): Row {
  return {
    work,
    portero: perCore(ours),
    beside: `bare node:http ${perCore(theirs)}`,
    figure: median(ours.map((m, i) => m.perCoreSecond / theirs[i]!.perCoreSecond)),
    unit: '×',
    target: atLeast === undefined ? undefined : { atLeast },
    note: `by the clock ${median(ours.map((m, i) => m.perSecond / theirs[i]!.perSecond)).toFixed(2)} ×`,
  }
}

function besideAllowed(work: string, ours: Measured[], allowed: Measured[]): Row {
  const cpu = (list: Measured[]) => `${(1e6 / median(list.map((m) => m.perCoreSecond))).toFixed(1)} µs`
  return {
    work,
    portero: cpu(ours),
    beside: `allowed ${cpu(allowed)}`,
    figure: median(ours.map((m, i) => allowed[i]!.perCoreSecond / m.perCoreSecond)),
    unit: '×',
    target: { atMost: 1.5 },
  }
}
