import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from './children.ts'
import { get } from './portero.ts'

/** Whether nginx can be compared with here. */
export const hasNginx = spawnSync('nginx', ['-v']).error === undefined

/** One server of an nginx: what stands beside `server { listen … }`, and in it. */
export type NginxServer = { readonly upstreams: string; readonly inside: string }

const identity = ['User', 'Phone', 'Email', 'Name', 'Role', 'Groups', 'Level', 'Jwt']
const forwarded =
  'proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $host;'
const kept = 'keepalive 512; keepalive_requests 100000000;'
const http11 = 'proxy_http_version 1.1; proxy_set_header Connection "";'

/** Passes everything on to an upstream, with as many headers as Portero would write. */
export function forwardingServer(upstreamPort: number): NginxServer {
  const written = identity.map(
    (name) => `proxy_set_header X-Portero-${name} "${'x'.repeat(name === 'Jwt' ? 600 : 20)}";`,
  )
  return {
    upstreams: `upstream app { server 127.0.0.1:${upstreamPort}; ${kept} }`,
    inside: `location / { proxy_pass http://app; ${http11} proxy_buffering on; ${forwarded} ${written.join(' ')} }`,
  }
}

/** Asks a checker first, and passes on what that lets through, with the person's headers from the checker's answer. */
export function checkingServer(name: string, checkerPort: number, upstreamPort: number): NginxServer {
  const variable = (header: string): string => `$portero_${header.toLowerCase()}`
  const set = identity.map(
    (header) =>
      `auth_request_set ${variable(header)} $upstream_http_x_portero_${header.toLowerCase()}; proxy_set_header X-Portero-${header} ${variable(header)};`,
  )
  return {
    upstreams: `upstream ${name}_checker { server 127.0.0.1:${checkerPort}; ${kept} }
  upstream ${name}_app { server 127.0.0.1:${upstreamPort}; ${kept} }`,
    inside: `
    location = /_portero/auth {
      internal; proxy_pass http://${name}_checker; ${http11} proxy_pass_request_body off; proxy_set_header Content-Length "";
      ${forwarded} proxy_set_header X-Forwarded-Uri $request_uri; proxy_set_header Host $host;
    }
    location / { auth_request /_portero/auth; ${set.join(' ')} proxy_pass http://${name}_app; ${http11} ${forwarded} }`,
  }
}

/** Answers 200 by itself, with nothing else. */
export const staticServer: NginxServer = { upstreams: '', inside: 'location / { return 200; }' }

/** Starts nginx as one process and resolves when it listens; the ports are those of the servers, in their order. */
export async function startNginx(
  folder: string,
  servers: readonly NginxServer[],
): Promise<Child & { ports: number[] }> {
  const ports = await Promise.all(servers.map(freePort))
  const file = join(folder, `nginx-${ports[0]}.conf`)
  await writeFile(file, configuration(folder, servers, ports))
  const child = startChild('nginx', ['-c', file, '-e', 'stderr'], { core: 'tested' })
  for (let tries = 0; tries < 50; tries++) {
    await sleep(50)
    const answer = await get(ports[0]!, '/1kb').catch(() => undefined)
    if (answer !== undefined) return { ...child, ports }
  }
  throw new Error('nginx does not answer')
}

function configuration(folder: string, servers: readonly NginxServer[], ports: readonly number[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off; master_process off; pid ${folder}/nginx-${ports[0]}.pid;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  ${servers.map(({ upstreams }) => upstreams).join('\n  ')}
  ${servers.map(({ inside }, i) => `server { listen 127.0.0.1:${ports[i]}; ${inside} }`).join('\n  ')}
}`
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => done(port))
    })
  })
}
