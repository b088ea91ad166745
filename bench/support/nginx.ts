import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from './children.ts'
import { get } from './portero.ts'

/** Whether nginx can be compared with here. */
export const hasNginx = spawnSync('nginx', ['-v']).error === undefined

/** Starts nginx as one process, in front of an upstream, writing the headers that Portero would write. */
export async function startNginx(folder: string, upstreamPort: number): Promise<Child & { port: number }> {
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  await writeFile(file, configuration(folder, port, upstreamPort))
  const child = startChild('nginx', ['-c', file, '-e', 'stderr'], { core: 'tested' })
  for (let tries = 0; tries < 50; tries++) {
    await sleep(50)
    const answer = await get(port, '/1kb').catch(() => undefined)
    if (answer?.status === 200) return { ...child, port }
  }
  throw new Error('nginx does not answer')
}

function configuration(folder: string, port: number, upstreamPort: number): string {
  const identity = ['User', 'Phone', 'Email', 'Name', 'Role', 'Groups', 'Level', 'Jwt']
  return `
daemon off; master_process off; pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 100000000;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  upstream app { server 127.0.0.1:${upstreamPort}; keepalive 512; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering on;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $host;
      ${identity.map((name) => `proxy_set_header X-Portero-${name} "${'x'.repeat(name === 'Jwt' ? 600 : 20)}";`).join(' ')}
    }
  }
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
