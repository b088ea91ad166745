import { setTimeout as sleep } from 'node:timers/promises'
import { StartupProblem } from '../../domain/startup-problem.ts'
import { writeSettings } from './cluster.ts'
import { type DatabaseAddress, databaseUrl } from './database-url.ts'
import { type OwnerLock, takeOwnerLock } from './owner-lock.ts'
import { findRunningServer, removeStaleLocks } from './running-server.ts'
import { lastWords, type ServerProcessNeeds, startServer, stopServer } from './server-process.ts'

/** A running server that is ours, and whether it ran before we came. */
export type OwnedServer = {
  pid: number
  address: DatabaseAddress
  lock: OwnerLock
  wasAdopted: boolean
}

export type OwnServerNeeds = ServerProcessNeeds & {
  dataDir: string
  superuserPassword: string
  /** Where a server that has to be started will listen. */
  address: DatabaseAddress
  /** The text of postgresql.conf, for a server that has to be started. */
  settings: string
}

/** A dead owner's connection is noticed within a moment; a living one keeps its lock for longer than this. */
const lockPatienceMs = 1000
/** Recovery after a crash replays at most `max_wal_size` of log, twice. */
const startPatienceMs = 120_000
const startsMax = 5
const stopPatienceMs = 15_000

/**
 * Comes to own the cluster's server: the one that runs already (an orphan of a killed Portero), or one that is started
 * now. Refuses with a StartupProblem when a living Portero owns it, or when it does not start. Of several calls at
 * once exactly one succeeds, whichever's server it is that came up.
 */
export async function ownServer(needs: OwnServerNeeds): Promise<OwnedServer> {
  const began = performance.now()
  let started: { hasExited: () => boolean } | undefined
  let startsTried = 0
  let heldSince: number | undefined
  let reason: unknown
  while (performance.now() - began < startPatienceMs) {
    const running = await findRunningServer(needs.cluster)
    if (running?.address !== undefined) {
      const { pid, address } = running
      try {
        const lock = await takeOwnerLock(superuserUrl(needs, address))
        if (lock !== undefined) return { pid, address, lock, wasAdopted: startsTried === 0 }
        heldSince ??= performance.now()
        if (performance.now() - heldSince > lockPatienceMs) throw secondPortero(needs.dataDir)
      } catch (error) {
        if (error instanceof StartupProblem) throw error
        if (!isPassing(error)) {
          if (startsTried > 0) await stopServer(needs, pid, stopPatienceMs)
          throw readable(error, needs)
        }
        reason = error
      }
    } else if (running === undefined && (started === undefined || started.hasExited())) {
      if (startsTried === startsMax) break
      await sleep(startsTried * 100)
      await removeStaleLocks(needs.cluster, needs.address)
      await writeSettings(needs.cluster, needs.user, needs.settings)
      started = await startServer(needs)
      startsTried += 1
    }
    await sleep(15)
  }
  throw new StartupProblem(
    `The embedded database in ${needs.cluster} does not start. Its last words, in ${needs.logFile}: ${await lastWords(needs.logFile)}`,
    reason,
  )
}

/** The superuser's connection string; only for the lock, for roles, and for making databases. */
export function superuserUrl(needs: OwnServerNeeds, address: DatabaseAddress): string {
  return databaseUrl(address, { user: 'postgres', password: needs.superuserPassword, database: 'postgres' })
}

function secondPortero(dataDir: string): StartupProblem {
  return new StartupProblem(
    `Another Portero already uses the data folder ${dataDir}. Stop that one first, or give this one a folder of its own with data_dir (PORTERO_DATA_DIR).`,
  )
}

// 57P03: starting up or shutting down; 57P01: shut down under us; 53300: no connection free.
const passingCodes = ['57P01', '57P03', '53300', 'ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE']

function isPassing(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return passingCodes.includes(code ?? '') || /terminated unexpectedly|timeout/.test(message ?? '')
}

function readable(error: unknown, needs: OwnServerNeeds): unknown {
  const { code } = error as { code?: string }
  if (code !== '28P01') return error
  return new StartupProblem(
    `The database in ${needs.cluster} does not take the password in superuser.password beside it. Put the file of the same backup back.`,
    error,
  )
}
