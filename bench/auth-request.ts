import { dirname } from 'node:path'
import type { Bench, Row } from './bench.ts'
import { startBareServer } from './support/bare-server.ts'
import { startNode } from './support/children.ts'
import { interleave } from './support/interleave.ts'
import { type Measured, openGenerator } from './support/load.ts'
import { median } from './support/median.ts'
import { checkingServer, hasNginx, startNginx, staticServer } from './support/nginx.ts'
import { dataFolder, get, signIn, startPortero } from './support/portero.ts'
import { perCore } from './support/report.ts'

const rounds = 5
const path = '/1kb'

/** Forward-auth as nginx asks for it, in front of an app, with Portero for its checker and with others that only say yes. */
export const authRequest: Bench = {
  name: 'auth-request',
  steps: hasNginx ? rounds * 3 : 0,
  async run({ progress }) {
    const work = 'nginx with auth_request, 1 KB'
    if (!hasNginx) {
      return [
        {
          work,
          portero: '',
          beside: 'not installed',
          figure: undefined,
          unit: '×',
          target: { atLeast: 0.9 },
        },
      ]
    }
    const folder = await dataFolder()
    const upstream = await startNode('canned-upstream', { core: 'load' })
    const portero = await startPortero(folder.path, { core: 'tested' })
    const cookie = await signIn(portero)
    const bare = await startBareServer(await get(portero.port, '/_portero/auth', { cookie }))
    const yes = await startNginx(dirname(folder.path), [staticServer])
    const nginx = await startNginx(dirname(folder.path), [
      checkingServer('portero', portero.port, upstream.port),
      checkingServer('bare', bare.port, upstream.port),
      checkingServer('yes', yes.ports[0]!, upstream.port),
    ])
    const generator = await openGenerator()
    const request = `GET ${path} HTTP/1.1\r\nHost: chat.example.org\r\nAccept: */*\r\nCookie: ${cookie}; theme=dark\r\n\r\n`
    const load = { request, status: 200, connections: 32, seconds: 1 }
    // What the pair needs: nginx with whom it asks.
    const measure = (port: number, checker: { pid: number }) => () =>
      generator.measure({ ...load, port }, [nginx.pid, checker.pid])
    const did = await interleave(
      rounds,
      {
        bare: measure(nginx.ports[1]!, bare),
        portero: measure(nginx.ports[0]!, portero),
        yes: measure(nginx.ports[2]!, yes),
      },
      progress,
    )
    await Promise.all([nginx.stop(), yes.stop(), bare.stop(), portero.stop(), upstream.stop()])
    await folder.remove()
    const beside = (name: string, others: Measured[], atLeast: number | undefined): Row => ({
      work,
      portero: perCore(did.portero),
      beside: `${name} ${perCore(others)}`,
      figure: median(did.portero.map((m, i) => m.perCoreSecond / others[i]!.perCoreSecond)),
      unit: '×',
      target: atLeast === undefined ? undefined : { atLeast },
      note: `by the clock ${median(did.portero.map((m, i) => m.perSecond / others[i]!.perSecond)).toFixed(2)} ×`,
    })
    return [
      beside('static 200 of node:http with the same headers', did.bare, 0.9),
      beside("nginx's own return 200 without headers", did.yes, undefined),
    ]
  },
}
