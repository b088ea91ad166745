import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import type { Log } from '../../domain/log.ts'
import type { PeopleMapping } from '../../domain/people/people-config.ts'
import { StartupProblem } from '../../domain/startup-problem.ts'
import { bindPeople, openPeopleViews } from './bind-people.ts'
import { type ChosenPeople, choosePeople, type PeopleBefore } from './choose-people.ts'
import { mappingOf, usualMapping } from './people-table.ts'
import { warnOfOpenTables } from './table-access.ts'

const migrationsFolder = new URL('./migrations/', import.meta.url)
const grantsFile = new URL('./grants.sql', import.meta.url)

/** Any number that only Portero's migrations lock; replicas that start together wait for one another here. */
const migrationLock = 7_086_783_700

export type MigrateOptions = {
  readonly adminUrl: string
  /** As whom Portero connects at runtime, where that is somebody else: let to take the narrower role. */
  readonly url?: string
  /** The people table and what is what in it; the one that Portero makes when not given. */
  readonly people?: PeopleMapping
  readonly log: Log
}

/** How long it waits for whoever has a table locked: everybody who comes after would wait behind it. */
const lockTimeout = '10s'

/**
 * Brings the database at `adminUrl` to the newest schema: the author's two tables made or adopted, numbered files, each once, in order,
 * what ties them to the people table, then who may touch what; all of it in one transaction. Safe to run from many processes at once and
 * to run again. Refuses with a StartupProblem, having changed nothing, when the database is older than PostgreSQL 15, newer than this
 * Portero, or holds people tables that it cannot work on.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const client = new pg.Client({ connectionString: options.adminUrl, application_name: 'portero-migrate' })
  await connect(client)
  try {
    // As the service has it: nothing that others made in a schema of theirs is taken for a function of PostgreSQL.
    await client.query("set timezone = 'UTC'; set search_path = pg_catalog, pg_temp")
    await requireVersion(client)
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await client.query('begin')
    await bringUpToDate(client, options)
    await client.query('commit')
  } catch (thrown) {
    throw operatorsOwn(thrown)
  } finally {
    await client.end()
  }
}

async function bringUpToDate(client: pg.Client, { url, log, ...options }: MigrateOptions): Promise<void> {
  const people = mappingOf(options.people ?? usualMapping)
  await ensureRuntimeRole(client, log)
  if (url !== undefined) await letTakeRuntimeRole(client, log, new pg.Client(url).user)
  const applied = await readApplied(client)
  const files = await migrationNames()
  requireKnown(applied, files)
  await client.query(`set local lock_timeout = '${lockTimeout}'`)
  const chosen = await choosePeople(client, people, await readPeopleBefore(client, applied))
  await openPeopleViews(client, chosen)
  const missing = files.filter((name) => !applied.has(name))
  for (const name of missing) await applyMigration(client, name)
  await bindPeople(client, chosen, people)
  await grant(client, chosen)
  if (missing.length > 0) log.info({ newest: missing.at(-1), count: missing.length }, 'database migrated')
  if (!chosen.isOwn && chosen.before === undefined)
    log.info({ table: chosen.table.name }, 'the people table of the organisation is adopted')
  await warnOfOpenTables(client, chosen.table, log)
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
  await client.query('savepoint before_grant')
  try {
    await client.query(`grant portero_runtime to ${client.escapeIdentifier(user!)}`)
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== '42501') throw thrown
    await client.query('rollback to before_grant')
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
    `The database was migrated by a newer Portero, or by one from before the first release (${unknown.join(', ')}). Start that version, restore a backup from before it, or start with an empty database.`,
  )
}

/** Which people table it was before; undefined where no migration has tied anything to one. */
export async function readPeopleBefore(
  client: pg.Client,
  applied: ReadonlySet<string>,
): Promise<PeopleBefore | undefined> {
  if (!applied.has('0002-people.sql')) return undefined
  const { rows } = await client.query<{ is_own: boolean; bound: string }>(
    'select has_own_people as is_own, people_bound as bound from portero.installation',
  )
  const [row] = rows
  return row && { isOwn: row.is_own, bound: row.bound }
}

async function applyMigration(client: pg.Client, name: string): Promise<void> {
  await client.query(await readFile(new URL(name, migrationsFolder), 'utf8'))
  await client.query('insert into portero.migrations (name) values ($1)', [name])
}

/** In a table that others made, Portero reads, and writes names; what it does not do there it may not do. */
async function grant(client: pg.Client, { table, isOwn, isWritten }: ChosenPeople): Promise<void> {
  const rights = isOwn
    ? 'select, insert, update, delete'
    : isWritten
      ? 'select, insert, update'
      : 'select, update'
  await client.query(
    "select set_config('portero.people_table', $1, true), set_config('portero.people_schema', $2, true), set_config('portero.people_rights', $3, true)",
    [table.sql, table.schema, rights],
  )
  await client.query(await readFile(grantsFile, 'utf8'))
}

/** What PostgreSQL refuses for a reason that the operator can mend, as a sentence. */
function operatorsOwn(thrown: unknown): unknown {
  const { code, message } = thrown as { code?: string; message?: string }
  if (code === '55P03') {
    return new StartupProblem(
      `Some program holds one of the people tables locked for more than ${lockTimeout}, and Portero has to alter them. See who it is (select pid, usename, query from pg_stat_activity where state <> 'idle';), and start again. Nothing was changed.`,
      thrown,
    )
  }
  if (code === '42501') {
    return new StartupProblem(
      `The database user of database.admin_url (or database.url) may not do what has to be done: ${message}. Make it the owner of what is named there, or grant it that right, such as: grant create on database <name> to <user>; or: grant usage, create on schema <name> to <user>; Nothing was changed.`,
      thrown,
    )
  }
  return thrown
}
