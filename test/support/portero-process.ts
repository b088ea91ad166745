import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { call } from './call.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export type Env = Record<string, string>

/** A finished command. */
export type Ran = { code: number | null; stdout: string; stderr: string; ms: number }

/** The real program in a process of its own, on a free port, with a data folder that is nobody else's. */
export type PorteroProcess = {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly dataDir: string
  /** What it was started with. */
  readonly env: Env
  /** Everything that it has printed, over all its lives. */
  output(): string
  /** Kills it as a power cut does; the embedded database lives on. */
  kill9(): Promise<void>
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>
  /** Starts it again on the same port, data folder and environment; `env` is laid over. */
  restart(env?: Env): Promise<void>
  /** Runs another command of the program in the same environment. */
  run(...args: string[]): Promise<Ran>
  /** Stops what runs, the database included, and removes the folder. */
  dispose(): Promise<void>
}

/** Starts `portero serve` and resolves when it is ready. Rejects with what it said when it ends before that. */
export async function openPortero(env: Env = {}): Promise<PorteroProcess> {
  const folder = await temporaryFolder()
  const dataDir = join(folder.path, 'data')
  const full: Env = { PORTERO_DATA_DIR: dataDir, PORT: '0', ...env }
  let output = ''
  let child: ChildProcess
  let port = 0

  async function begin(extra: Env = {}): Promise<void> {
    const startedAt = output.length
    child = launch(['serve'], { ...full, ...(port === 0 ? {} : { PORT: String(port) }), ...extra })
    child.stdout!.on('data', (chunk) => {
      output += chunk
    })
    child.stderr!.on('data', (chunk) => {
      output += chunk
    })
    const ended = once(child, 'exit').then(() => 'ended')
    for (;;) {
      const said = output.slice(startedAt)
      const [, found] = /Portero is ready\D*?https?:\/\/[^\s/]*?:(\d+)/.exec(said) ?? []
      if (found !== undefined) port = Number(found)
      if (found !== undefined && (await isReady(port))) return
      if ((await Promise.race([ended, sleep(25)])) === 'ended')
        throw new Error(`portero serve ended with ${child.exitCode}: ${output.slice(startedAt)}`)
    }
  }
  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) {
      const closed = once(child, 'close')
      child.kill(signal)
      await closed
    }
    return child.exitCode
  }
  async function dispose(): Promise<void> {
    await end('SIGKILL')
    await stopDatabase(dataDir)
    await folder.remove()
  }

  try {
    await begin()
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    get url() {
      return `http://127.0.0.1:${port}`
    },
    get port() {
      return port
    },
    get pid() {
      return child.pid!
    },
    dataDir,
    env: full,
    output: () => output,
    kill9: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    restart: begin,
    run: (...args) => runPortero(args, full),
    dispose,
  }
}

/** Runs `portero …` to its end in an environment that holds nothing else of ours; `watch` may end it earlier. */
export async function runPortero(
  args: string[],
  env: Env = {},
  watch: (output: string, child: ChildProcess) => void = () => {},
): Promise<Ran> {
  const start = performance.now()
  const child = launch(args, env)
  const said = { stdout: '', stderr: '' }
  child.stdout!.on('data', (chunk) => {
    said.stdout += chunk
    watch(said.stdout, child)
  })
  child.stderr!.on('data', (chunk) => {
    said.stderr += chunk
  })
  await once(child, 'close')
  return { code: child.exitCode, ...said, ms: performance.now() - start }
}

function launch(args: string[], env: Env): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    cwd: env.PORTERO_DATA_DIR === undefined ? '/' : join(env.PORTERO_DATA_DIR, '..'),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function isReady(port: number): Promise<boolean> {
  const answer = await call(`http://127.0.0.1:${port}/_portero/ready`).catch(() => undefined)
  return answer?.status === 200
}

/** The pid of the embedded server of a data folder, if one runs. */
export async function databasePid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => undefined)
  const pid = Number(text?.split('\n', 1)[0])
  return Number.isInteger(pid) && isAlive(pid) ? pid : undefined
}

async function stopDatabase(dataDir: string): Promise<void> {
  const pid = await databasePid(dataDir)
  if (pid === undefined) return
  process.kill(pid, 'SIGQUIT')
  while (isAlive(pid)) await sleep(20)
}

/** Whether a process runs; one that is dead and that nobody has buried does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    if (process.platform !== 'linux') return true
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The environment of a Portero that is no demo, on a database from elsewhere; codes appear in its output. */
export function productionEnv(databaseUrl: string, env: Env = {}): Env {
  return {
    DATABASE_URL: databaseUrl,
    PORTERO_KEYS__SECRETS: 'a secret of the tests that is long enough to be one',
    PORTERO_PUBLIC_URL: 'http://localhost:8081',
    PORTERO_DELIVERY__CONSOLE: 'true',
    PORTERO_PEOPLE__ADMISSION: 'open',
    ...env,
  }
}

/** The code that the console delivery printed last for a phone. Waits for it, since sending happens in the background. */
export async function printedCode(portero: PorteroProcess, phone: string, after = 0): Promise<string> {
  await until(() => codesIn(portero.output().slice(after), phone).length > 0)
  return codesIn(portero.output().slice(after), phone).at(-1)!
}

/** A message ends with an empty line; not every one has a code, and lines of the log come in between. */
function codesIn(output: string, phone: string): string[] {
  const [, ...texts] = output.split(`to ${phone}\n`)
  return texts.flatMap((text) => {
    const [message, ...rest] = text.split('\n\n')
    return rest.length === 0 ? [] : (/\b(?:\d{6}|\d{8})\b/.exec(message!) ?? [])
  })
}
