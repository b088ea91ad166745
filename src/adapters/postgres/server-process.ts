import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { open, readFile, rename, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type DatabaseUser, identity, serverEnvironment } from './run-as.ts'
import { isServerOf } from './running-server.ts'
import type { UsablePostgres } from './usable-postgres.ts'

/** What it takes to start and stop the server of a cluster. */
export type ServerProcessNeeds = {
  programs: UsablePostgres
  user: DatabaseUser | undefined
  cluster: string
  logFile: string
}

const logBytesMax = 1_000_000

/**
 * Starts the server in a session of its own, so that a Ctrl+C meant for Portero does not reach it, with its messages
 * in the log file. Returns a test of whether the started process is still on its way. Does not wait.
 */
export async function startServer(needs: ServerProcessNeeds): Promise<{ hasExited: () => boolean }> {
  const { size } = await stat(needs.logFile).catch(() => ({ size: 0 }))
  if (size > logBytesMax) await rename(needs.logFile, `${needs.logFile}.1`)
  const log = await open(needs.logFile, 'a', 0o600)
  // On Windows, pg_ctl gives up an administrator's rights, with which the server would not start.
  const [program, args] =
    process.platform === 'win32'
      ? [needs.programs.pgCtl, ['start', '--no-wait', '-D', needs.cluster]]
      : [needs.programs.postgres, ['-D', needs.cluster]]
  try {
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      cwd: '/',
      env: serverEnvironment,
      windowsHide: true,
      ...identity(needs.user),
    })
    await hasSpawned(child)
    child.unref()
    return { hasExited: () => child.exitCode !== null || child.signalCode !== null }
  } finally {
    await log.close()
  }
}

/** The last complaint that the server wrote down, for a message about why it did not start. */
export async function lastWords(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '')
  const lines = text.trim().split('\n')
  return lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1)!
}

/**
 * Stops the server and waits until it is gone: first the fast way, which ends the connections and writes everything
 * down; after `patienceMs` the immediate way, after which the next start recovers from the log.
 */
export async function stopServer(needs: ServerProcessNeeds, pid: number, patienceMs: number): Promise<void> {
  for (const way of ['fast', 'immediate'] as const) {
    await signal(needs, pid, way)
    const until = performance.now() + patienceMs
    while (performance.now() < until) {
      if (!(await isServerOf(pid, needs.cluster))) return
      await sleep(15)
    }
  }
  throw new Error(
    `The embedded database (process ${pid}) does not stop. Its last words are in ${needs.logFile}.`,
  )
}

async function signal(needs: ServerProcessNeeds, pid: number, way: 'fast' | 'immediate'): Promise<void> {
  if (process.platform === 'win32') {
    const args = ['stop', '--no-wait', '--mode', way, '-D', needs.cluster]
    await promisify(execFile)(needs.programs.pgCtl, args).catch(() => {})
    return
  }
  if (!(await isServerOf(pid, needs.cluster))) return
  process.kill(pid, way === 'fast' ? 'SIGINT' : 'SIGQUIT')
}

function hasSpawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
}
