import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../domain/log.ts'
import { passwordFrom } from '../../lib/secret-file.ts'
import { ensureCluster, removeUnfinishedClusters } from './cluster.ts'
import { placesIn, prepareDataFolder, prepareSocketFolder } from './data-folder.ts'
import type { DatabaseAddress } from './database-url.ts'
import { embeddedSettings } from './embedded-settings.ts'
import { type OwnedServer, type OwnServerNeeds, ownServer, superuserUrl } from './own-server.ts'
import { installedPostgres, type PostgresBinaries } from './postgres-binaries.ts'
import { type DatabaseUser, databaseUser } from './run-as.ts'
import { stopServer } from './server-process.ts'
import { usablePostgres } from './usable-postgres.ts'

export type EmbeddedServerOptions = {
  /** Holds everything of this Portero: `postgres/`, `run/`, `postgres.log`, `superuser.password`. */
  dataDir: string
  log: Log
  /** Lines of postgresql.conf that differ from ours. An adopted server keeps those that it was started with. */
  settings?: Record<string, string>
  /** Another PostgreSQL than the one that npm brought for this platform. */
  binaries?: PostgresBinaries
}

/** A PostgreSQL server of our own. While it is open, no other Portero can have it. */
export type EmbeddedServer = {
  superuserUrl: string
  /** The folder of its unix socket, or 127.0.0.1 where there are none. */
  host: string
  /** Whether it was already running, left by a Portero that was killed. */
  wasAdopted: boolean
  /** Stops it: every connection ends, everything is written down, and the folder is free when this resolves. */
  close(): Promise<void>
}

const stopPatienceMs = 15_000
const reviveEveryMs = 2000

/**
 * Initialises the data folder where that is needed, starts the server or adopts a running one, and holds it until
 * `close`. Survives Portero's death; started again when it dies by itself. Under root it runs as another user.
 * Refuses with a StartupProblem: a folder that is in use, cannot be reached, or holds another major version.
 */
export async function openEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { log } = options
  const dataDir = resolve(options.dataDir)
  const places = placesIn(dataDir)
  const user = await databaseUser(places.cluster)
  await prepareDataFolder(dataDir, user)
  const programs = await usablePostgres(options.binaries ?? (await installedPostgres()), dataDir, user)
  const address = await chooseAddress(dataDir, user)
  const needs = {
    ...{ dataDir, address, programs, user, cluster: places.cluster, logFile: places.log },
    superuserPassword: await passwordFrom(places.superuserPassword),
    settings: embeddedSettings(programs.major, address, options.settings ?? {}),
  }
  await ensureCluster(needs)
  let owned = await ownServer(needs)
  await removeUnfinishedClusters(places.cluster)
  const { wasAdopted } = owned
  log.info(
    { data_dir: dataDir, user: user?.name },
    wasAdopted ? 'adopted the embedded database that was running' : 'started the embedded database',
  )

  const closing = new AbortController()
  const keeping = (async () => {
    while (!closing.signal.aborted) {
      await owned.lock.lost
      if (closing.signal.aborted) return
      log.error({ data_dir: dataDir }, 'the embedded database is gone; starting it again')
      owned = await revive(needs, log, closing.signal, owned)
    }
  })()

  return {
    superuserUrl: superuserUrl(needs, owned.address),
    host: owned.address.host,
    wasAdopted,
    close: async () => {
      closing.abort()
      // The lock is held to the end, so that nobody adopts a server that is going down.
      await stopServer(needs, owned.pid, stopPatienceMs)
      await keeping
      await stopServer(needs, owned.pid, stopPatienceMs)
    },
  }
}

async function revive(needs: OwnServerNeeds, log: Log, closing: AbortSignal, gone: OwnedServer) {
  while (!closing.aborted) {
    try {
      return await ownServer(needs)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.error({ reason }, 'the embedded database does not come back; trying again')
      await sleep(reviveEveryMs, undefined, { signal: closing }).catch(() => {})
    }
  }
  return gone
}

async function chooseAddress(dataDir: string, user: DatabaseUser | undefined): Promise<DatabaseAddress> {
  if (process.platform === 'win32') return { host: '127.0.0.1', port: await freePort() }
  return { host: await prepareSocketFolder(dataDir, user), port: 5432 }
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer().once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => done(port))
    })
  })
}
