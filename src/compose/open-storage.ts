import { readOrMakeSecrets } from '../adapters/keys/key-file.ts'
import { defaultDataDir } from '../adapters/postgres/default-data-dir.ts'
import { openEmbeddedServer } from '../adapters/postgres/embedded-server.ts'
import { prepareEmbeddedDatabase } from '../adapters/postgres/prepare-embedded-database.ts'
import { visitEmbeddedDatabase } from '../adapters/postgres/visit-embedded-database.ts'
import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'

/** Where the state of an installation is: the database, and the secrets that are kept outside of it. */
export type Storage = {
  /** As the owner of Portero's tables; runtime connections step down from it. */
  readonly url: string
  /** As whoever may migrate; undefined for a database that somebody else has migrated already. */
  readonly adminUrl: string | undefined
  readonly secrets: readonly [string, ...string[]]
  readonly isEmbedded: boolean
  close(): Promise<void>
}

type Needs = { config: Config; log: Log; currentFolder: string }

/**
 * Opens the database: the one that is configured, or a server of our own in the data folder. `serve` takes the folder for
 * itself and refuses a second one; `visit`, for commands, shares it with a Portero that runs.
 */
export async function openStorage(needs: Needs, purpose: 'serve' | 'visit'): Promise<Storage> {
  const { config, log } = needs
  const dataDir = config.data_dir ?? (await defaultDataDir(needs.currentFolder))
  if (config.database.url !== undefined) {
    return {
      url: config.database.url,
      adminUrl: config.database.admin_url ?? config.database.url,
      secrets: await secretsOf(config, dataDir),
      isEmbedded: false,
      close: async () => {},
    }
  }
  const server =
    purpose === 'serve'
      ? await serveEmbedded(dataDir, config, log)
      : await visitEmbeddedDatabase({ dataDir, log })
  return {
    url: server.ownerUrl,
    adminUrl: server.ownerUrl,
    secrets: await secretsOf(config, dataDir),
    isEmbedded: true,
    close: () => server.close(),
  }
}

/** Beside those of the service: for commands, for psql, for the lock and the probes. */
const otherConnections = 20

async function serveEmbedded(
  dataDir: string,
  { listen, database }: Config,
  log: Log,
): Promise<{ ownerUrl: string; close(): Promise<void> }> {
  const connections = listen.workers * database.pool_size + otherConnections
  const settings = { max_connections: String(Math.max(50, connections)) }
  const server = await openEmbeddedServer({ dataDir, log, settings })
  const { ownerUrl } = await prepareEmbeddedDatabase({ superuserUrl: server.superuserUrl, dataDir })
  return { ownerUrl, close: () => server.close() }
}

async function secretsOf(config: Config, dataDir: string): Promise<readonly [string, ...string[]]> {
  const [first, ...rest] = config.keys.secrets ?? []
  return first === undefined ? readOrMakeSecrets(dataDir) : [first, ...rest]
}
