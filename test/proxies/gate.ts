import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { openWebuiRules } from '../../src/adapters/vendors/open-webui/rules.ts'
import { trustedProxies } from '../../src/http/client-address.ts'
import { type EchoUpstream, openEchoUpstream } from '../support/echo-upstream.ts'
import { type FaultyLink, openFaultyLink } from '../support/faulty-link.ts'
import { type GatewayHouse, openGatewayHouse } from '../support/gateway-house.ts'
import { type ProxyProcess, site } from './proxy-process.ts'

/** An application behind a gate: a proxy that asks Portero, a proxy before Portero, or Portero alone. */
export type Gate = {
  readonly port: number
  readonly app: EchoUpstream
  readonly house: GatewayHouse
  /** The way by which the proxy reaches Portero. */
  readonly link: FaultyLink
  close(): Promise<void>
}

/** Where a proxy finds what it needs, on loopback. */
export type Addresses = { readonly port: number; readonly portero: number; readonly app: number }

/** Portero and an application on loopback, and a proxy in front where one is given. */
export async function openGate(
  proxy?: (at: Addresses) => Promise<ProxyProcess>,
  publicUrl = `http://${site}`,
): Promise<Gate> {
  const app = await openEchoUpstream()
  const rules = openWebuiRules({ allowMfaEnrolment: false })
  const house = await openGatewayHouse({
    trustedProxies: trustedProxies(proxy === undefined ? [] : ['127.0.0.1']),
    publicUrl: new URL(publicUrl),
    publicPaths: ['/public/*'],
    upstream: { url: app.url, timeoutMs: 20_000 },
    app: {
      known: () => rules,
      answer: async (place, { session }) => ({
        status: 200,
        headers: [['Content-Type', 'text/plain']],
        body: `${place} in place for ${session?.person.id ?? 'nobody'}`,
      }),
      apiKeyPaths: ['/api/chat/completions'],
    },
  })
  const link = await openFaultyLink({ host: '127.0.0.1', port: house.port })
  const port = await freePort()
  const running = await proxy?.({ port, portero: link.port, app: app.port })
  return {
    port: proxy === undefined ? house.port : port,
    app,
    house,
    link,
    async close() {
      await running?.stop()
      await link.close()
      await house.close()
      await app.close()
    },
  }
}

/** A port of loopback that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

/**
 * A file of deploy/ with these texts exchanged. Each must be in it, so that no test goes on with a file that has changed under
 * its hands.
 */
export async function shipped(
  path: string,
  changes: readonly (readonly [from: string | RegExp, to: string])[] = [],
): Promise<string> {
  let text = await readFile(join(import.meta.dirname, '../../deploy', path), 'utf8')
  for (const [from, to] of changes) {
    const changed = text.replaceAll(from, to)
    if (changed === text) throw new Error(`deploy/${path} has no ${from} any more`)
    text = changed
  }
  return text
}
