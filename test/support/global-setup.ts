import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { withAccess } from '../../src/adapters/postgres/database-url.ts'
import { openEmbeddedServer } from '../../src/adapters/postgres/embedded-server.ts'
import { prepareEmbeddedDatabase } from '../../src/adapters/postgres/prepare-embedded-database.ts'
import { migrate } from '../../src/adapters/store/migrate.ts'
import { silentLog } from '../../src/domain/log.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { templateDatabase } from './test-cluster.ts'

/** One PostgreSQL for the whole run, with the migrated template; nothing of it is left afterwards. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await temporaryFolder()
  const dataDir = join(folder.path, 'data')
  const server = await openEmbeddedServer({
    dataDir,
    log: silentLog,
    // Nobody misses these data after a power cut.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  })
  const stop = async () => {
    await server.close()
    await folder.remove()
  }
  try {
    const prepared = await prepareEmbeddedDatabase({ superuserUrl: server.superuserUrl, dataDir })
    const ownerUrl = withAccess(prepared.ownerUrl, { database: templateDatabase })
    const superuser = new pg.Client({ connectionString: server.superuserUrl })
    await superuser.connect()
    // As the owner of an external database has it, who makes the runtime role by himself.
    await superuser.query('alter role portero createrole')
    await superuser.query(`create database ${templateDatabase} owner portero`)
    await superuser.end()
    await migrate({ adminUrl: ownerUrl, log: silentLog })
    project.provide('superuserUrl', server.superuserUrl)
    project.provide('ownerUrl', ownerUrl)
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}
