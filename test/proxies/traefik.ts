import { type Addresses, freePort, shipped } from './gate.ts'
import { type ProxyProcess, site, startProxy } from './proxy-process.ts'

/** Traefik with the shipped files: their addresses changed as their first lines say, and without TLS. */
export async function startTraefik(
  program: string,
  { port, portero, app }: Addresses,
): Promise<ProxyProcess> {
  const asking = await freePort()
  const files = {
    'traefik.yml': await shipped('traefik/traefik.yml', [
      [/ {2}web:\n(?: {4,}.*\n)+/g, ''],
      ['":443"', `"127.0.0.1:${port}"`],
      ['127.0.0.1:8082', `127.0.0.1:${asking}`],
      [/certificatesResolvers:\n(?: +.*\n)+/g, ''],
      ['/etc/traefik/portero.yml', 'portero.yml'],
    ]),
    'portero.yml': await shipped('traefik/portero.yml', [
      ['chat.example.org', site],
      [/^ *tls: .*\n/gm, ''],
      ['127.0.0.1:8082/', `127.0.0.1:${asking}/`],
      [/"http:\/\/127\.0\.0\.1:8081"/g, `"http://127.0.0.1:${portero}"`],
      ['[{ url: "http://127.0.0.1:8080" }]', `[{ url: "http://127.0.0.1:${app}" }]`],
    ]),
  }
  const running = await startProxy([program, '--configfile=traefik.yml'], files, port)
  return running
}
