import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { Refusal } from '../../domain/errors.ts'
import type { Log } from '../../domain/log.ts'
import { type Breaker, openBreaker } from './breaker.ts'
import { NamedStatementsClient } from './named-statements.ts'
import type { Tables } from './tables.ts'

/** The way to PostgreSQL that every store shares. */
export type Database = {
  /** Statements with types; run them inside `run`. */
  readonly tables: Kysely<Tables>
  /** Runs work on the database; refuses with `database_unavailable` within the time-out, at once while it is known to be away. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** One statement of SQL text, in one round trip. */
  rows<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]>
  readonly isAway: boolean
  close(): Promise<void>
}

/** Who waits for a connection behind so many others would wait too long anyway. */
const waitingMax = 1000

export type DatabaseOptions = { url: string; poolSize: number; timeoutMs: number; log: Log }

/**
 * Opens a pool whose every connection runs as `portero_runtime` (where that role exists), in UTC, with a time limit on each
 * statement. Connects on first use; a lost connection never ends the process.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
    idleTimeoutMillis: 60_000,
    application_name: 'portero',
    Client: NamedStatementsClient,
    onConnect: prepareConnection(options.timeoutMs),
  })
  pool.on('error', (error) => {
    // While it closes, our own server may say goodbye sooner than a connection is gone.
    if (pool.ending) return
    options.log.warn({ reason: (error as { code?: string }).code }, 'an idle database connection was lost')
  })

  const breaker: Breaker = openBreaker({ probe: () => probe(options), log: options.log })
  const tables = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })

  return {
    tables,
    run: breaker.run,
    async rows(text, values) {
      if (pool.waitingCount > waitingMax) throw new Refusal('database_unavailable', { retryAfterSeconds: 1 })
      return breaker.run(async () => (await pool.query(text, values as unknown[])).rows)
    },
    get isAway() {
      return breaker.isOpen
    },
    async close() {
      breaker.close()
      // Not by Kysely, which leaves a pool alone that it has not used itself.
      await pool.end()
    },
  }
}

/** The server gives a statement up a little sooner than we do: so we can tell a slow statement from a server that is away. */
function prepareConnection(timeoutMs: number) {
  return async (client: pg.ClientBase): Promise<void> => {
    // Every name of ours has its schema. What others may have made under the name of a function of PostgreSQL is never found.
    await client.query(`set timezone = 'UTC'; set search_path = pg_catalog, pg_temp; set statement_timeout = ${Math.trunc(timeoutMs * 0.9)};
      select set_config('role', 'portero_runtime', false) from pg_roles
       where rolname = 'portero_runtime' and pg_has_role(session_user, oid, 'member')`)
  }
}

async function probe(options: DatabaseOptions): Promise<void> {
  const client = new pg.Client({
    connectionString: options.url,
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
  } finally {
    await client.end().catch(() => {})
  }
}
