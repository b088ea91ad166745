import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** The site of the shipped files, under the name that the tests call it by. */
export const site = 'chat.example'

/** A proxy that runs. */
export type ProxyProcess = { stop(): Promise<void> }

/**
 * Writes these files to a folder of its own and starts a proxy there. Resolves when it answers for the site on the port; rejects with
 * what it said when it does not.
 */
export async function startProxy(
  command: readonly string[],
  files: Readonly<Record<string, string>>,
  port: number,
): Promise<ProxyProcess> {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true })
    await writeFile(join(folder.path, name), text)
  }
  const child = spawn(command[0]!, command.slice(1), {
    cwd: folder.path,
    // Caddy keeps what it learns in a folder of the person otherwise.
    env: {
      PATH: process.env.PATH,
      HOME: folder.path,
      XDG_DATA_HOME: folder.path,
      XDG_CONFIG_HOME: folder.path,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  child.stdout!.on('data', (text) => said.push(String(text)))
  child.stderr!.on('data', (text) => said.push(String(text)))
  child.on('error', (error) => said.push(error.message))
  async function stop(): Promise<void> {
    await end(child)
    await folder.remove()
  }
  for (let i = 0; i < 200 && child.exitCode === null && child.pid !== undefined; i++) {
    const { text } = await sendRaw(port, rawRequest('GET /', [`Host: ${site}`, 'Connection: close']))
    // Traefik listens before it knows its routes.
    if (text !== '' && !text.startsWith('HTTP/1.1 404')) return { stop }
    await new Promise((next) => setTimeout(next, 50))
  }
  await stop()
  throw new Error(`${command[0]} did not start: ${said.join('').slice(-4000)}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return
  const gone = new Promise((done) => child.on('exit', done))
  child.kill('SIGTERM')
  // Caddy and Traefik wait for what is under way.
  const overdue = setTimeout(() => child.kill('SIGKILL'), 1_000)
  await gone
  clearTimeout(overdue)
}
