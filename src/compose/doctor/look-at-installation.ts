import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lookAtKeyFile } from '../../adapters/keys/look-at-key-file.ts'
import { placesIn } from '../../adapters/postgres/data-folder.ts'
import { visitEmbeddedDatabase } from '../../adapters/postgres/visit-embedded-database.ts'
import {
  type DatabaseSeen,
  type DatabaseUnseen,
  inspectDatabase,
} from '../../adapters/store/inspect-database.ts'
import type { Config } from '../../config/config.ts'
import { silentLog } from '../../domain/log.ts'
import { StartupProblem } from '../../domain/startup-problem.ts'
import { lookMs } from './look.ts'
import type { SecretsSeen } from './secrets.ts'

/** The database, or why it cannot be looked at: there is none yet, or our own server does not start. */
export type DatabaseLook =
  | DatabaseSeen
  | DatabaseUnseen
  | { readonly notYet: true }
  | { readonly problem: string }

type Place = { readonly config: Config; readonly dataDir: string }

/**
 * Looks at the database. Our own server is started for as long as that takes, where nobody runs it; none is made, and a
 * database is not migrated.
 */
export async function lookAtDatabase({ config, dataDir }: Place, now: () => number): Promise<DatabaseLook> {
  const { url, admin_url } = config.database
  const timeoutMs = lookMs
  const { people } = config
  if (url !== undefined) return inspectDatabase({ url, adminUrl: admin_url ?? url, people, timeoutMs, now })
  if (!isDatabaseMade(dataDir)) return { notYet: true }
  try {
    const server = await visitEmbeddedDatabase({ dataDir, log: silentLog })
    try {
      return await inspectDatabase({
        url: server.ownerUrl,
        adminUrl: server.ownerUrl,
        people,
        timeoutMs,
        now,
      })
    } finally {
      await server.close()
    }
  } catch (thrown) {
    if (thrown instanceof StartupProblem) return { problem: thrown.message }
    throw thrown
  }
}

/** Looks for the secrets where Portero would, and makes none. */
export async function lookAtSecrets({ config, dataDir }: Place): Promise<SecretsSeen> {
  const { secrets } = config.keys
  if (secrets !== undefined) return { from: 'configuration', secrets }
  return { from: 'file', file: await lookAtKeyFile(dataDir), isDatabaseMade: isDatabaseMade(dataDir) }
}

function isDatabaseMade(dataDir: string): boolean {
  return existsSync(join(placesIn(dataDir).cluster, 'PG_VERSION'))
}
