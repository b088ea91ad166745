import type pg from 'pg'
import { StartupProblem } from '../../domain/startup-problem.ts'
import type { TableSeen } from './look-at-table.ts'
import { type PeopleTable, quoted } from './people-table.ts'

/** The table that the bot's author keeps memories in; its name and columns are the author's and cannot be mapped. */
export const memoryTable = 'public.telefono_usuario'

const nothingChanged = 'Nothing was changed.'

/** Refuses with a StartupProblem a people table that Portero cannot work on. Reads, and changes nothing. */
export async function requirePeopleTable(
  client: pg.ClientBase,
  people: PeopleTable,
  seen: TableSeen,
  isWritten: boolean,
): Promise<void> {
  const { name, sql, columns, last, active } = people
  requireOrdinary(name, seen)
  await requireOurs(client, name, sql, seen)
  for (const [key, column] of [
    ['columns.id', columns.id],
    ['columns.first_name', columns.first],
    ['columns.last_name', last],
    ['columns.document', columns.document],
    ['active_column', active?.column],
  ] as const) {
    if (column !== undefined && !seen.columns.has(column)) {
      const hint = key === 'columns.last_name' ? ', or - when first_name has the whole name' : ''
      refuse(
        `The people table ${name} has no column ${column}. Set people.${key} to the column that it has for that${hint}. It has: ${[...seen.columns.keys()].join(', ')}.`,
      )
    }
  }
  const id = seen.columns.get(columns.id)!
  const idSql = quoted(columns.id)
  if (id.type !== 'uuid') {
    refuse(
      `${name}.${columns.id} is ${id.type}, and people need an id that is a uuid. Where the ids are UUIDs already: alter table ${sql} alter column ${idSql} type uuid using ${idSql}::uuid; otherwise add such a column (alter table ${sql} add column portero_id uuid not null unique default gen_random_uuid();) and name it in people.columns.id.`,
    )
  }
  if (!seen.uniques.has(columns.id)) {
    refuse(
      `${name}.${columns.id} is not unique, so nothing can point to it. Run: alter table ${sql} add primary key (${idSql}); (or add unique (${idSql}), where there is another primary key)`,
    )
  }
  for (const column of [columns.first, ...(last === undefined ? [] : [last])]) {
    if (!seen.columns.get(column)!.isText)
      refuse(`${name}.${column} is ${seen.columns.get(column)!.type}; a name has to be a text.`)
  }
  const documentType = seen.columns.get(columns.document)!
  if (
    !documentType.isText &&
    !['integer', 'bigint', 'smallint', 'numeric'].includes(documentType.type.replace(/\(.*/, ''))
  )
    refuse(`${name}.${columns.document} is ${documentType.type}; a document has to be a text or a number.`)
  if (isWritten) {
    const written = [columns.id, columns.first, ...(last === undefined ? [] : [last])]
    requireWritable(
      name,
      seen,
      written,
      'people.create_in_table wants newcomers there. Take it away, or give these columns defaults',
    )
  }
}

/**
 * Refuses with a StartupProblem a memory table that Portero cannot work on; `before` is the people table that it may still point to,
 * quoted. Reads, and changes nothing.
 */
export async function requireMemoryTable(
  client: pg.ClientBase,
  people: PeopleTable,
  seen: TableSeen,
  before: string,
): Promise<void> {
  requireOrdinary(memoryTable, seen)
  await requireOurs(client, memoryTable, memoryTable, seen)
  const phone = seen.columns.get('telefono')
  if (phone === undefined) refuse(`${memoryTable} has no column telefono: it is not the table that is meant.`)
  if (!phone.isText || (phone.lengthMax ?? 20) < 16) {
    refuse(
      `${memoryTable}.telefono is ${phone.type}, which has no room for every phone. Run: alter table ${memoryTable} alter column telefono type varchar(20);`,
    )
  }
  if (!seen.uniques.has('telefono')) {
    refuse(
      `${memoryTable}.telefono is not unique, so one phone could be two people. Run: alter table ${memoryTable} add primary key (telefono);`,
    )
  }
  for (const column of ['ultimo_acceso', 'created_at']) {
    const { type } = seen.columns.get(column) ?? { type: 'timestamp with time zone' }
    if (!type.startsWith('timestamp'))
      refuse(
        `${memoryTable}.${column} is ${type}, and has to be a time. Run: alter table ${memoryTable} alter column ${column} type timestamptz using ${column}::timestamptz;`,
      )
  }
  requireWritable(
    memoryTable,
    seen,
    ['telefono', 'usuario_id', 'ultimo_acceso', 'created_at'],
    'Portero writes rows there. Give these columns defaults',
  )
  const link = seen.columns.get('usuario_id')
  if (link !== undefined) await requireLinks(client, people, link.type, before)
}

async function requireLinks(
  client: pg.ClientBase,
  people: PeopleTable,
  type: string,
  before: string,
): Promise<void> {
  if (type !== 'uuid') {
    const isUuid = `usuario_id::text ~* '^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$'`
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from ${memoryTable} where not ${isUuid}`,
    )
    const retype = `alter table ${memoryTable} alter column usuario_id type uuid using usuario_id::text::uuid;`
    const { count } = rows[0]!
    refuse(
      count === 0
        ? `${memoryTable}.usuario_id is ${type}, and people need an id that is a uuid. All of its values are UUIDs, so run: ${retype}`
        : `${memoryTable}.usuario_id is ${type}, and ${count === 1 ? '1 row has' : `${count} rows have`} no UUID there. Look at them: select * from ${memoryTable} where not ${isUuid}; and when they are mended or deleted, run: ${retype}`,
    )
  }
  const { rows: targets } = await client.query<{ name: string; is_people: boolean; is_checked: boolean }>(
    `select format('%I.%I', n.nspname, c.relname) as name, c.oid = to_regclass($2) as is_people, k.convalidated as is_checked
       from pg_constraint k join pg_class c on c.oid = k.confrelid join pg_namespace n on n.oid = c.relnamespace
      where k.conrelid = to_regclass($1) and k.contype = 'f' and c.oid is distinct from to_regclass($3)
        and (select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[1]) = 'usuario_id'`,
    [memoryTable, people.sql, before === people.sql ? null : before],
  )
  const [foreign] = targets.filter(({ is_people }) => !is_people)
  if (foreign !== undefined) {
    refuse(
      `${memoryTable}.usuario_id points to ${foreign.name}, and people.table is ${people.name}. Name the one that it points to in people.table, or drop that foreign key.`,
    )
  }
  if (targets.some(({ is_checked }) => is_checked)) return
  const orphaned = `usuario_id is not null and not exists (select from ${people.sql} p where p.${quoted(people.columns.id)} = t.usuario_id)`
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from ${memoryTable} t where ${orphaned}`,
  )
  const { count } = rows[0]!
  if (count > 0) {
    refuse(
      `${count === 1 ? `1 row of ${memoryTable} is` : `${count} rows of ${memoryTable} are`} about somebody who is not in ${people.name}. Look at them: select * from ${memoryTable} t where ${orphaned}; and remove them: delete from ${memoryTable} t where ${orphaned};`,
    )
  }
}

function requireOrdinary(name: string, { kind }: TableSeen): void {
  if (kind === 'r') return
  const kinds: Readonly<Record<string, string>> = {
    p: 'a partitioned table',
    v: 'a view',
    m: 'a materialized view',
    f: 'a foreign table',
  }
  refuse(
    `${name} is ${kinds[kind] ?? 'no table'}, and Portero needs an ordinary table there: only such a one can tell it who is deleted.`,
  )
}

async function requireOurs(client: pg.ClientBase, name: string, sql: string, seen: TableSeen): Promise<void> {
  if (seen.isOurs && seen.isHidden) {
    refuse(
      `Row level security is forced on ${name} for its owner too, so Portero would take everybody for deleted. Run: alter table ${sql} no force row level security; everybody else stays bound by it.`,
    )
  }
  if (seen.isOurs) return
  const { rows } = await client.query<{ role: string }>('select current_user as role')
  const { role } = rows[0]!
  refuse(
    `${name} belongs to ${seen.owner}, and the database user ${role} may not alter it. Set database.admin_url to the connection of ${seen.owner}; or, as an administrator, grant ${quoted(seen.owner)} to ${quoted(role)}; or alter table ${sql} owner to ${quoted(role)};`,
  )
}

function requireWritable(name: string, seen: TableSeen, written: readonly string[], why: string): void {
  const demanded = [...seen.columns]
    .filter(([column, { isDemanded }]) => isDemanded && !written.includes(column))
    .map(([column]) => column)
  if (demanded.length > 0)
    refuse(`${name} wants a value for ${demanded.join(', ')} in every row, and ${why}.`)
}

function refuse(sentence: string): never {
  throw new StartupProblem(`${sentence} ${nothingChanged}`)
}
