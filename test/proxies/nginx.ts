import { type Addresses, shipped } from './gate.ts'
import { type ProxyProcess, site, startProxy } from './proxy-process.ts'

const shared = ['http', 'server', 'protected', 'asking', 'to-portero'] as const

/** nginx asking Portero, with one of the shipped files: its addresses changed as its first lines say, and without TLS. */
export async function startAskingNginx(
  file: 'portero-auth.conf' | 'open-webui.conf',
  { port, portero, app }: Addresses,
): Promise<ProxyProcess> {
  const files: Record<string, string> = {
    'site.conf': await shipped(`nginx/${file}`, [
      ...siteOn(port, portero),
      [/127\.0\.0\.1:(?:3000|8080);/g, `127.0.0.1:${app};`],
    ]),
  }
  for (const name of shared) files[`portero/${name}.conf`] = await shipped(`nginx/portero/${name}.conf`)
  return runNginx(files, port)
}

/** nginx before Portero, with the shipped file, without TLS and what sends people there. */
export async function startNginxBefore({ port, portero }: Addresses): Promise<ProxyProcess> {
  const site = await shipped('nginx/portero-gateway.conf', [
    [/^server \{\n {4}listen 80;.*?\n\}\n/gms, ''],
    ...siteOn(port, portero),
  ])
  return runNginx({ 'site.conf': site }, port)
}

/** The same with TLS, by this certificate, and with plain http on a port of its own. */
export async function startNginxWithTls(
  { port, portero }: Addresses,
  plainPort: number,
  { certificate, key }: { readonly certificate: string; readonly key: string },
): Promise<ProxyProcess> {
  const files = {
    'site.conf': await shipped('nginx/portero-gateway.conf', [
      ['127.0.0.1:8081', `127.0.0.1:${portero}`],
      ['listen 80;', `listen 127.0.0.1:${plainPort};`],
      ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
      ['chat.example.org', site],
      [`/etc/ssl/${site}.`, 'site.'],
    ]),
    'site.pem': certificate,
    'site.key': key,
  }
  return runNginx(files, plainPort)
}

function siteOn(port: number, portero: number): readonly (readonly [string | RegExp, string])[] {
  return [
    ['127.0.0.1:8081', `127.0.0.1:${portero}`],
    ['listen 443 ssl;', `listen 127.0.0.1:${port};`],
    [/^ *ssl_certificate.*\n/gm, ''],
    ['server_name chat.example.org;', `server_name ${site};`],
  ]
}

function runNginx(files: Readonly<Record<string, string>>, port: number): Promise<ProxyProcess> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${kind};`,
  )
  const outer = [
    'daemon off; master_process off; pid nginx.pid; error_log stderr warn;',
    'events { worker_connections 256; }',
    `http { access_log off; ${temporary.join(' ')} include site.conf; }`,
  ].join('\n')
  const command = ['nginx', '-p', '.', '-c', 'nginx.conf', '-e', 'stderr']
  return startProxy(command, { 'nginx.conf': outer, ...files }, port)
}
