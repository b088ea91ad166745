import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { withAccess } from '../../src/adapters/postgres/database-url.ts'
import { templateDatabase } from './test-cluster.ts'

export type TestDatabase = {
  /** As the owner, `portero`: what `database.url` would be. */
  url: string
  superuserUrl: string
  /** Runs as the superuser, past every policy: for moving rows into the past, and for looking. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>
  /** Drops the database, whoever is still connected. */
  close(): Promise<void>
}

/** A migrated database of this test file's own, copied from the run's template. */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `portero_test_${randomBytes(6).toString('hex')}`
  const clusterUrl = inject('superuserUrl')
  await asSuperuser(`create database ${name} template ${templateDatabase} owner portero strategy file_copy`)
  const superuserUrl = withAccess(clusterUrl, { database: name })
  const pool = new pg.Pool({ connectionString: superuserUrl, max: 2 })
  pool.on('error', () => {})
  return {
    url: withAccess(inject('ownerUrl'), { database: name }),
    superuserUrl,
    query: async <Row extends pg.QueryResultRow>(sql: string, params: unknown[] = []) =>
      (await pool.query<Row>(sql, params)).rows,
    close: async () => {
      await pool.end()
      await asSuperuser(`drop database ${name} with (force)`)
    },
  }
}

async function asSuperuser(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('superuserUrl') })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}
