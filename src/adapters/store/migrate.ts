import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import type { Log } from '../../domain/log.ts'
import { StartupProblem } from '../../domain/startup-problem.ts'

const migrationsFolder = new URL('./migrations/', import.meta.url)
const grantsFile = new URL('./grants.sql', import.meta.url)

/** Any number that only Portero's migrations lock; replicas that start together wait for one another here. */
const migrationLock = 7_086_783_700

export type MigrateOptions = {
  readonly adminUrl: string
  /** As whom Portero connects at runtime, where that is somebody else: let to take the narrower role. */
  readonly url?: string
  readonly log: Log
}

/**
 * Brings the database at `adminUrl` to the newest schema: numbered files, each once, in order, in a transaction of its own,
 * then who may touch what. Safe to run from many processes at once and to run again. Refuses with a StartupProblem when the
 * database is older than PostgreSQL 15, newer than this Portero, or holds the people tables already.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const client = new pg.Client({ connectionString: options.adminUrl, application_name: 'portero-migrate' })
  await connect(client)
  try {
    await client.query("set timezone = 'UTC'")
    await requireVersion(client)
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await ensureRuntimeRole(client, options.log)
    if (options.url !== undefined)
      await letTakeRuntimeRole(client, options.log, new pg.Client(options.url).user)
    const applied = await readApplied(client)
    const files = await migrationNames()
    requireKnown(applied, files)
    if (applied.size === 0) await requireNoForeignTables(client)
    const missing = files.filter((name) => !applied.has(name))
    for (const name of missing) await applyMigration(client, name)
    if (missing.length > 0)
      options.log.info({ newest: missing.at(-1), count: missing.length }, 'database migrated')
    await client.query(await readFile(grantsFile, 'utf8'))
  } finally {
    await client.end()
  }
}

/** The names of all migrations that this Portero knows, in order. */
export async function migrationNames(): Promise<string[]> {
  return (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql')).sort()
}

async function connect(client: pg.Client): Promise<void> {
  try {
    await client.connect()
  } catch (thrown) {
    const { code } = thrown as { code?: string }
    // Not the error itself: it carries the client, and that the password.
    throw new StartupProblem(
      `The database cannot be reached${code === undefined ? '' : ` (${code})`}. See that it runs, and that database.url (DATABASE_URL) names its host, port, user, password and database as they are.`,
    )
  }
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    "select current_setting('server_version_num')::int as version",
  )
  const version = rows[0]!.version
  if (version < 150_000) {
    throw new StartupProblem(
      `The database is PostgreSQL ${Math.floor(version / 10_000)}; Portero needs 15 or newer. Upgrade it, or point DATABASE_URL at another one.`,
    )
  }
}

/** Roles belong to the whole server; where this user may not make one, Portero runs as the role that it has. */
async function ensureRuntimeRole(client: pg.Client, log: Log): Promise<void> {
  const { rows } = await client.query<{ exists: boolean; is_member: boolean; may_create: boolean }>(`
    select exists (select from pg_roles where rolname = 'portero_runtime') as exists,
           coalesce((select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = 'portero_runtime'), false) as is_member,
           (select rolcreaterole or rolsuper from pg_roles where rolname = current_user) as may_create`)
  const state = rows[0]!
  if (state.exists && state.is_member) return
  if (!state.may_create) {
    log.warn(
      {},
      'the database user may not create roles: Portero runs as this user, without the narrower role',
    )
    return
  }
  if (!state.exists) {
    await client.query(`do $$ begin
      create role portero_runtime nologin nosuperuser nobypassrls;
    exception when duplicate_object or unique_violation then null; end $$`)
  }
  if (!state.is_member) await client.query('grant portero_runtime to current_user')
}

/** Poolers add to the name; whoever the server does not know by it is left to the operator. */
async function letTakeRuntimeRole(client: pg.Client, log: Log, user: string | undefined): Promise<void> {
  const { rowCount } = await client.query(
    `select from pg_roles r, pg_roles login
      where r.rolname = 'portero_runtime' and login.rolname = $1 and not pg_has_role(login.oid, r.oid, 'member')`,
    [user],
  )
  if (rowCount !== 1) return
  try {
    await client.query(`grant portero_runtime to ${client.escapeIdentifier(user!)}`)
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== '42501') throw thrown
    log.warn(
      { user },
      'database.admin_url may not let the user of database.url work as portero_runtime: grant that role to it',
    )
  }
}

async function readApplied(client: pg.Client): Promise<Set<string>> {
  await client.query(`create schema if not exists portero`)
  await client.query(`create table if not exists portero.migrations (
    name text primary key, applied_at timestamptz not null default clock_timestamp())`)
  const { rows } = await client.query<{ name: string }>('select name from portero.migrations')
  return new Set(rows.map((row) => row.name))
}

function requireKnown(applied: ReadonlySet<string>, files: readonly string[]): void {
  const unknown = [...applied].filter((name) => !files.includes(name))
  if (unknown.length === 0) return
  throw new StartupProblem(
    `The database was migrated by a newer Portero (${unknown.join(', ')}). Start that version, or restore a backup from before it.`,
  )
}

async function requireNoForeignTables(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`
    select tablename as name from pg_tables where schemaname = 'public' and tablename in ('usuarios', 'telefono_usuario')`)
  if (rows.length === 0) return
  throw new StartupProblem(
    `The database already has ${rows.map((row) => `public.${row.name}`).join(' and ')}, which Portero did not make, and this version cannot adopt existing tables. Nothing was changed. Point DATABASE_URL at a database of its own.`,
  )
}

async function applyMigration(client: pg.Client, name: string): Promise<void> {
  await client.query('begin')
  try {
    await client.query(await readFile(new URL(name, migrationsFolder), 'utf8'))
    await client.query('insert into portero.migrations (name) values ($1)', [name])
    await client.query('commit')
  } catch (thrown) {
    await client.query('rollback')
    throw thrown
  }
}
