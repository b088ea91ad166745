import { dirname } from 'node:path'
import type { Bench, Row } from './bench.ts'
import { startNode } from './support/children.ts'
import { interleave } from './support/interleave.ts'
import { type Measured, openGenerator } from './support/load.ts'
import { median } from './support/median.ts'
import { forwardingServer, hasNginx, startNginx } from './support/nginx.ts'
import { dataFolder, signIn, startPortero } from './support/portero.ts'
import { perCore } from './support/report.ts'

const rounds = 6
const sizes = [
  {
    ...{ path: '/1kb', what: 'proxied GET, 1 KB', connections: 32, seconds: 1 },
    targets: { nginx: 0.5, fastify: 1.8 },
  },
  {
    ...{ path: '/10mb', what: 'proxied GET, 10 MB', connections: 4, seconds: 1 },
    targets: { nginx: 0.85, fastify: undefined },
  },
]

/** The way through to the app behind, beside nginx, bare undici, and what one would take from npm. */
export const proxy: Bench = {
  name: 'proxy',
  steps: rounds * sizes.length * (hasNginx ? 4 : 3),
  async run({ progress }) {
    const folder = await dataFolder()
    const upstream = await startNode('canned-upstream', { core: 'load' })
    const env = { UPSTREAM_PORT: String(upstream.port), NODE_ENV: 'production' }
    const undici = await startNode('undici-proxy', { core: 'tested', env })
    const fastify = await startNode('fastify-proxy', { core: 'tested', env })
    const portero = await startPortero(folder.path, { core: 'tested', upstreamPort: upstream.port })
    const cookie = await signIn(portero)
    const nginx = hasNginx
      ? await startNginx(dirname(folder.path), [forwardingServer(upstream.port)])
      : undefined
    const generator = await openGenerator()
    const rows: Row[] = []
    for (const { path, what, connections, seconds, targets } of sizes) {
      const request = requestFor(path, cookie)
      const measure = (server: { port: number; pid: number }) => () =>
        generator.measure({ port: server.port, request, status: 200, connections, seconds }, [server.pid])
      const did: Record<string, Measured[]> = await interleave<string, Measured>(
        rounds,
        {
          fastify: measure(fastify),
          undici: measure(undici),
          portero: measure(portero),
          ...(nginx && { nginx: measure({ pid: nginx.pid, port: nginx.ports[0]! }) }),
        },
        progress,
      )
      const beside = (name: string, other: Measured[] | undefined, atLeast?: number): Row => ({
        work: `${what}, beside ${name}`,
        portero: perCore(did.portero!),
        beside: other === undefined ? 'not installed' : perCore(other),
        figure: other && median(did.portero!.map((m, i) => m.perCoreSecond / other[i]!.perCoreSecond)),
        unit: '×',
        target: atLeast === undefined ? undefined : { atLeast },
        ...(other && {
          note: `by the clock ${median(did.portero!.map((m, i) => m.perSecond / other[i]!.perSecond)).toFixed(2)} ×`,
        }),
      })
      rows.push(beside('nginx', did.nginx, targets.nginx))
      rows.push(beside('bare undici', did.undici))
      rows.push(beside('@fastify/http-proxy', did.fastify, targets.fastify))
    }
    await Promise.all([portero.stop(), undici.stop(), fastify.stop(), nginx?.stop(), upstream.stop()])
    await folder.remove()
    return rows
  },
}

/** As a page of the app asks from a browser. */
function requestFor(path: string, cookie: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: chat.example.org',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
    'Accept: application/json, text/plain, */*',
    'Accept-Language: es-AR,es;q=0.9',
    'Sec-Fetch-Mode: cors',
    'Sec-Fetch-Site: same-origin',
    `Cookie: ${cookie}; theme=dark; sidebar=open`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}
