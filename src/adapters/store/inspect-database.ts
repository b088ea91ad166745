import pg from 'pg'
import type { PeopleMapping } from '../../domain/people/people-config.ts'
import { inspectPeople, type PeopleSeen } from './inspect-people.ts'
import { migrationNames, readPeopleBefore } from './migrate.ts'

/** What a database tells about itself, without being changed. */
export type DatabaseSeen = {
  /** Such as `18.4`. */
  readonly version: string
  readonly major: number
  /** By how much its clock is ahead of ours, and how wrong that may be at most. */
  readonly clockAheadMs: number
  readonly clockDoubtMs: number
  /** As whom the service works: the narrow role, or the user itself because that role is not there or not granted to it. */
  readonly role: 'narrow' | 'missing' | 'not_granted'
  readonly schema: SchemaSeen
}

/** What is there of Portero's own; `none` before its first start, `closed` when nobody of ours may look. */
export type SchemaSeen =
  | { readonly kind: 'none'; readonly people: PeopleSeen | undefined }
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'made'
      readonly missingMigrations: readonly string[]
      /** Of a newer Portero, or of one from before the first release. */
      readonly unknownMigrations: readonly string[]
      /** Tables of the schema `portero` whose row security is not both on and forced. */
      readonly openTables: readonly string[]
      /** Public name of the key that the database was used with last. */
      readonly newestKeyId: string | undefined
      /** Names of the groups that people on record are in. */
      readonly groups: readonly string[]
      /** Events for the organisation's program that were tried and not taken. */
      readonly eventsNotTaken?: number
      readonly people: PeopleSeen | undefined
    }

/** Why nothing can be said: the code of the driver or of PostgreSQL, where there is one. */
export type DatabaseUnseen = { readonly failure: string }

type Options = {
  readonly url: string
  /** As whoever owns the tables, where that is somebody else. */
  readonly adminUrl: string
  /** The people table and what is what in it. */
  readonly people: PeopleMapping
  readonly timeoutMs: number
  readonly now: () => number
}

/** Looks at a database and changes nothing. Never rejects, and never tells the address or the password. */
export async function inspectDatabase(options: Options): Promise<DatabaseSeen | DatabaseUnseen> {
  try {
    const seen = await connected(options, options.url, (client) => inspectServer(client, options.now))
    const schema = await connected(options, options.adminUrl, (client) =>
      inspectSchema(client, options.people),
    )
    return { ...seen, schema }
  } catch (thrown) {
    return { failure: failureOf(thrown) }
  }
}

async function connected<T>(
  { timeoutMs }: Options,
  connectionString: string,
  look: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'portero-doctor',
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return await look(client)
  } finally {
    await client.end().catch(() => {})
  }
}

async function inspectServer(client: pg.Client, now: () => number): Promise<Omit<DatabaseSeen, 'schema'>> {
  const before = now()
  const { rows: clocks } = await client.query<{ ms: string }>(
    'select extract(epoch from clock_timestamp()) * 1000 as ms',
  )
  const after = now()
  const { rows } = await client.query<{ version: string; has_role: boolean; is_member: boolean }>(`
    select current_setting('server_version') as version,
           exists (select from pg_roles where rolname = 'portero_runtime') as has_role,
           coalesce((select pg_has_role(session_user, oid, 'member') from pg_roles
                      where rolname = 'portero_runtime'), false) as is_member`)
  const { version, has_role, is_member } = rows[0]!
  return {
    version: version.split(' ', 1)[0]!,
    major: Number.parseInt(version, 10),
    clockAheadMs: Math.round(Number(clocks[0]!.ms) - (before + after) / 2),
    clockDoubtMs: Math.ceil((after - before) / 2),
    role: is_member ? 'narrow' : has_role ? 'not_granted' : 'missing',
  }
}

async function inspectSchema(client: pg.Client, mapping: PeopleMapping): Promise<SchemaSeen> {
  const { rows: found } = await client.query<{ is_made: boolean }>(
    "select to_regclass('portero.migrations') is not null as is_made",
  )
  if (!found[0]!.is_made) return { kind: 'none', people: await inspectPeople(client, mapping, undefined) }
  try {
    return await inspectTables(client, mapping)
  } catch (thrown) {
    if (failureOf(thrown) === '42501') return { kind: 'closed' }
    throw thrown
  }
}

async function inspectTables(client: pg.Client, mapping: PeopleMapping): Promise<SchemaSeen> {
  const names = async (sql: string) =>
    (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name)
  const applied = await names('select name from portero.migrations order by name')
  const known = await migrationNames()
  const openTables = await names(`
    select relname as name from pg_class
     where relnamespace = 'portero'::regnamespace and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)
     order by relname`)
  // The first migration makes the one table, the second the other: they may not be there yet.
  const [newestKeyId] = applied.includes(known[0]!)
    ? await names(
        'select key_id as name from portero.key_fingerprints order by first_seen_at desc, key_id limit 1',
      )
    : []
  const groups = applied.includes(known[1]!)
    ? await names('select distinct unnest(groups) as name from portero.people order by 1')
    : []
  const earlier = await readPeopleBefore(client, new Set(applied))
  return {
    kind: 'made',
    people: await inspectPeople(client, mapping, earlier?.isOwn),
    missingMigrations: known.filter((name) => !applied.includes(name)),
    unknownMigrations: applied.filter((name) => !known.includes(name)),
    openTables,
    newestKeyId,
    groups,
    eventsNotTaken: await countEventsNotTaken(client),
  }
}

async function countEventsNotTaken(client: pg.Client): Promise<number> {
  const { rows: found } = await client.query<{ is_made: boolean }>(
    `select to_regclass('portero.events') is not null as is_made`,
  )
  if (!found[0]!.is_made) return 0
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::int from portero.events where attempts > 0 and lease_token is null',
  )
  return rows[0]!.count
}

function failureOf(thrown: unknown): string {
  const { code } = thrown as { code?: unknown }
  if (typeof code === 'string' && /^[\w-]{1,40}$/.test(code)) return code
  return /time-?out/i.test(String((thrown as Error).message)) ? 'ETIMEDOUT' : 'UNKNOWN'
}
