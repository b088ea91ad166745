import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { link, readFile, readlink, realpath, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { DatabaseAddress } from './database-url.ts'

/** A server that holds a cluster's folder. Without an address it is on its way up or down. */
export type RunningServer = { pid: number; address: DatabaseAddress | undefined }

/** The server that runs on this cluster now, if one does, whoever started it. */
export async function findRunningServer(clusterFolder: string): Promise<RunningServer | undefined> {
  const text = await readFile(join(clusterFolder, 'postmaster.pid'), 'utf8').catch(() => '')
  // Lines: pid, folder, start time, port, socket folder, listen address, shared memory, status.
  const [pidText, , , port, socketFolder, host, , status] = text.split('\n')
  const pid = Number(pidText)
  if (!(await isServerOf(pid, clusterFolder))) return undefined
  const isReady = status?.trim() === 'ready'
  return { pid, address: isReady ? { host: socketFolder || host!, port: Number(port) } : undefined }
}

/**
 * Removes the two lock files that a dead server left, in its cluster and beside its socket, when their process number
 * is another program's now, or a zombie's: PostgreSQL itself would take that for a living server and not start.
 * (In containers numbers come back soon.)
 */
export async function removeStaleLocks(clusterFolder: string, address: DatabaseAddress): Promise<void> {
  const files = [join(clusterFolder, 'postmaster.pid'), join(address.host, `.s.PGSQL.${address.port}.lock`)]
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '')
    const pid = Number(text.split('\n')[0])
    // Files whose process is gone altogether PostgreSQL removes by itself, with less of a race.
    if (isAlive(pid) && !(await isServerOf(pid, clusterFolder))) await removeStale(file, text)
  }
}

/** Whether a living process is the PostgreSQL server of this cluster. A zombie is not. */
export async function isServerOf(pid: number, clusterFolder: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  try {
    if (process.platform === 'linux') {
      // The server's working folder is its cluster.
      return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(clusterFolder))
    }
    if (process.platform === 'win32') {
      const { stdout } = await promisify(execFile)('tasklist', ['/NH', '/FI', `PID eq ${pid}`])
      return stdout.includes('postgres')
    }
    const { stdout } = await promisify(execFile)('/bin/ps', ['-o', 'command=', '-p', String(pid)])
    return stdout.includes(clusterFolder)
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  // To kill(2), 0 and below are groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function removeStale(file: string, judged: string): Promise<void> {
  const aside = `${file}.stale-${randomBytes(4).toString('hex')}`
  await rename(file, aside).catch(() => {})
  const taken = await readFile(aside, 'utf8').catch(() => judged)
  // In between, another Portero may have removed the stale file and started a server: its file goes back.
  if (taken !== judged) await link(aside, file).catch(() => {})
  await rm(aside, { force: true })
}
