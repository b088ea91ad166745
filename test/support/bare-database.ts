import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { withAccess } from '../../src/adapters/postgres/database-url.ts'
import { migrate } from '../../src/adapters/store/migrate.ts'
import { usualMapping } from '../../src/adapters/store/people-table.ts'
import { type Log, silentLog } from '../../src/domain/log.ts'
import type { PeopleMapping } from '../../src/domain/people/people-config.ts'

/** The statement of the bot's author, letter for letter, without its comments. */
export const authorsTable = `CREATE TABLE telefono_usuario (
    telefono VARCHAR(20) PRIMARY KEY,
    usuario_id UUID REFERENCES usuarios(id),
    ultimo_acceso TIMESTAMP,
    created_at TIMESTAMP
);`

/** The people table that the author's statement supposes. */
export const authorsPeople =
  'CREATE TABLE usuarios (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), nombre text, apellido text, dni text);'

/** A database in which Portero never was, of the role `portero`, who is no superuser. */
export type BareDatabase = {
  readonly url: string
  /** As `portero`, in one session. */
  readonly owner: pg.Client
  /** As the superuser. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>
  /** Starts Portero's work on it. */
  migrate(people?: Partial<PeopleMapping>, log?: Log): Promise<void>
  /** Everything that the catalog says of the tables, one line for each thing. */
  catalog(): Promise<string[]>
  close(): Promise<void>
}

/** Makes one, with `sql` run in it by its owner. */
export async function bareDatabase(sql = ''): Promise<BareDatabase> {
  const name = `portero_bare_${randomBytes(6).toString('hex')}`
  const clusterUrl = inject('superuserUrl')
  await once(clusterUrl, `create database ${name} owner portero`)
  const url = withAccess(inject('ownerUrl'), { database: name })
  const superuserUrl = withAccess(clusterUrl, { database: name })
  const pool = new pg.Pool({ connectionString: superuserUrl, max: 2 })
  pool.on('error', () => {})
  const owner = new pg.Client({ connectionString: url })
  owner.on('error', () => {})
  await owner.connect()
  if (sql !== '') await owner.query(sql)
  return {
    url,
    owner,
    query: async <Row extends pg.QueryResultRow>(text: string, params: unknown[] = []) =>
      (await pool.query<Row>(text, params)).rows,
    migrate: (people, log = silentLog) =>
      migrate({ adminUrl: url, people: { ...usualMapping, ...people }, log }),
    catalog: async () => (await pool.query<{ line: string }>(catalogSql)).rows.map(({ line }) => line),
    close: async () => {
      await owner.end()
      await pool.end()
      await once(clusterUrl, `drop database ${name} with (force)`)
    },
  }
}

async function once(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

// With the number of the transaction that wrote each thing, so that what was made anew shows.
const catalogSql = `
  with ours as (select oid, nspname from pg_namespace where nspname !~ '^(pg_|information_schema)')
  select 'relation ' || c.oid::regclass || ' ' || c.relkind::text || ' ' || c.relrowsecurity || ' ' || coalesce(c.relacl::text, '') || ' ' || coalesce(c.reloptions::text, '') as line
    from pg_class c join ours n on n.oid = c.relnamespace
  union all select 'column ' || a.attrelid::regclass || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || a.xmin::text
    from pg_attribute a join pg_class c on c.oid = a.attrelid join ours n on n.oid = c.relnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attnum > 0 and not a.attisdropped
  union all select 'constraint ' || k.conrelid::regclass || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid) || ' ' || k.xmin::text
    from pg_constraint k join ours n on n.oid = k.connamespace where k.conrelid <> 0
  union all select 'trigger ' || pg_get_triggerdef(t.oid) || ' ' || t.xmin::text
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join ours n on n.oid = c.relnamespace where not t.tgisinternal
  union all select 'policy ' || p.polrelid::regclass || ' ' || p.polname || ' ' || p.polroles::text || ' ' || p.xmin::text from pg_policy p
  union all select 'index ' || pg_get_indexdef(i.indexrelid) || ' ' || i.xmin::text
    from pg_index i join pg_class c on c.oid = i.indrelid join ours n on n.oid = c.relnamespace
  union all select 'view ' || v.oid::regclass || ' ' || pg_get_viewdef(v.oid) from pg_class v join ours n on n.oid = v.relnamespace where v.relkind = 'v'
  union all select 'function ' || f.oid::regprocedure || ' ' || f.prosrc || ' ' || coalesce(f.proacl::text, '')
    from pg_proc f join ours n on n.oid = f.pronamespace
  union all select 'schema ' || nspname from ours
  order by line`
