import pg from 'pg'
import type { PeopleMapping } from '../../domain/people/people-config.ts'
import type { ChosenPeople } from './choose-people.ts'
import { activeSql, columnsSql, documentSql, type PeopleTable, quoted } from './people-table.ts'

/** Raised when what is made here changes, so that databases that are tied already are tied anew. */
const version = 2

/**
 * Makes the two views by which the migrations reach the people table, where they are not there yet: `portero.records` is the table,
 * `portero.everybody` everybody.
 */
export async function openPeopleViews(client: pg.ClientBase, { table }: ChosenPeople): Promise<void> {
  const { rows } = await client.query<{ is_there: boolean }>(
    "select to_regclass('portero.everybody') is not null as is_there",
  )
  if (rows[0]!.is_there) return
  for (const view of ['records', 'everybody']) await client.query(recordsSql(view, table))
}

/**
 * Ties Portero's tables to the people table: views, the function that writes, triggers, foreign keys, the index of documents. What
 * was tied the same way before and is still there is left alone, since making it anew locks the tables against replicas at work.
 */
export async function bindPeople(
  client: pg.ClientBase,
  people: ChosenPeople,
  mapping: PeopleMapping,
): Promise<void> {
  const { table, isOwn, before } = people
  const bound = JSON.stringify({ version, isOwn, mapping })
  const isNew = before?.bound !== bound
  if (isNew) {
    if (before !== undefined && before.sql !== table.sql) await leave(client, before.sql)
    await client.query(recordsSql('records', table))
    await client.query(isOwn ? recordsSql('everybody', table) : everybodySql(table))
    await client.query(await writeSql(client, people))
    await client.query(`create or replace trigger everybody_written instead of insert or update on portero.everybody
      for each row execute function portero.write_person()`)
  }
  await tieTriggers(client, table, isNew)
  await tieForeignKeys(client, people)
  await tieDocuments(client, table, isNew)
  if (!isOwn) await forgetTheGone(client, table)
  if (isNew)
    await client.query('update portero.installation set has_own_people = $1, people_bound = $2', [
      isOwn,
      bound,
    ])
}

/** The people table alone: a simple view, so that what is locked in it is locked in the table. */
function recordsSql(view: string, table: PeopleTable): string {
  const active = activeSql(table, 'p')
  return `create or replace view portero.${view} with (security_invoker = true) as
    select ${columnsSql(table)} from ${table.sql} p${active === undefined ? '' : ` where ${active}`}`
}

/**
 * The people table and the newcomers beside it. Who counts is asked outside of the union: PostgreSQL looks a union up by the indexes of
 * its tables only where none of its parts has a condition.
 */
function everybodySql(table: PeopleTable): string {
  return `create or replace view portero.everybody with (security_invoker = true) as
    select id, nombre, apellido, dni from (
      select ${columnsSql(table)}, ${activeSql(table, 'p') ?? 'true'} as is_active from ${table.sql} p
      union all
      select n.id, n.nombre, n.apellido, null::text, true from portero.newcomers n
    ) as p where is_active`
}

type NameColumn = { name: string; type: string; is_needed: boolean }

/**
 * Writes names where the person is, and newcomers where they belong; cut to the room that there is, since a person may call themselves
 * anything. Nothing else in the people table is ever written.
 */
async function writeSql(client: pg.ClientBase, { table, isWritten }: ChosenPeople): Promise<string> {
  const { rows } = await client.query<NameColumn>(
    `select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as is_needed
       from pg_attribute where attrelid = to_regclass($1) and attname = any ($2)`,
    [table.sql, [table.columns.first, ...(table.last === undefined ? [] : [table.last])]],
  )
  const value = (column: string, given: string): [string, string] => {
    const { type, is_needed } = rows.find(({ name }) => name === column)!
    return [quoted(column), `cast(${is_needed ? `coalesce(${given}, '')` : given} as ${type})`]
  }
  const names =
    table.last === undefined
      ? [value(table.columns.first, "nullif(concat_ws(' ', new.nombre, new.apellido), '')")]
      : [value(table.columns.first, 'new.nombre'), value(table.last, 'new.apellido')]
  const id = quoted(table.columns.id)
  const insert = isWritten
    ? `insert into ${table.sql} (${id}, ${names.map(([column]) => column).join(', ')}) values (new.id, ${names.map(([, sql]) => sql).join(', ')});`
    : 'insert into portero.newcomers (id, nombre, apellido) values (new.id, new.nombre, new.apellido);'
  return `create or replace function portero.write_person() returns trigger language plpgsql as ${pg.escapeLiteral(`
    begin
      if tg_op = 'INSERT' then
        new.id := coalesce(new.id, gen_random_uuid());
        ${insert}
      else
        update ${table.sql} set ${names.map((pair) => pair.join(' = ')).join(', ')} where ${id} = old.id;
        if not found then
          update portero.newcomers set nombre = new.nombre, apellido = new.apellido where id = old.id;
        end if;
      end if;
      return new;
    end`)}`
}

/** What Portero hears of on the table of the organisation, by the names of its triggers. */
function triggersOf(table: PeopleTable): ReadonlyMap<string, string> {
  const differs = (sql: (row: string) => string) => `${sql('old')} is distinct from ${sql('new')}`
  const column = (name: string) => differs((row) => `${row}.${quoted(name)}`)
  const renamed = [table.columns.first, ...(table.last === undefined ? [] : [table.last])].map(column)
  const gone = [
    column(table.columns.id),
    ...(table.active === undefined ? [] : [differs((row) => `(${activeSql(table, row)})`)]),
  ]
  const call = (why: string) =>
    `execute function portero.note_record_change(${pg.escapeLiteral(table.columns.id)}, '${why}')`
  return new Map([
    [
      'portero_renamed',
      `after update on ${table.sql} for each row when (${renamed.join(' or ')}) ${call('renamed')}`,
    ],
    ['portero_gone', `after update on ${table.sql} for each row when (${gone.join(' or ')}) ${call('gone')}`],
    ['portero_deleted', `after delete on ${table.sql} for each row ${call('gone')}`],
  ])
}

async function tieTriggers(client: pg.ClientBase, table: PeopleTable, isNew: boolean): Promise<void> {
  const { rows } = await client.query<{ name: string; on_table: string; is_here: boolean }>(
    `select t.tgname as name, format('%I.%I', n.nspname, c.relname) as on_table, c.oid = to_regclass($1) as is_here
       from pg_trigger t join pg_proc f on f.oid = t.tgfoid join pg_class c on c.oid = t.tgrelid
       join pg_namespace n on n.oid = c.relnamespace
      where not t.tgisinternal and f.pronamespace = 'portero'::regnamespace and c.relnamespace <> 'portero'::regnamespace
        and f.proname = 'note_record_change'`,
    [table.sql],
  )
  const wanted = triggersOf(table)
  const kept = new Set<string>()
  for (const { name, on_table, is_here } of rows) {
    if (is_here && !isNew && wanted.has(name)) kept.add(name)
    else await client.query(`drop trigger ${quoted(name)} on ${on_table}`)
  }
  for (const [name, definition] of wanted)
    if (!kept.has(name)) await client.query(`create trigger ${name} ${definition}`)
}

type Tie = { table_name: string; column_name: string }

async function tiesOf(client: pg.ClientBase): Promise<Tie[]> {
  return (
    await client.query<Tie>(
      'select table_name, column_name from portero.people_ties order by table_name desc',
    )
  ).rows
}

/**
 * In a table of Portero's own everybody is a row, and the foreign keys say so. Beside somebody else's there are newcomers, who are in no
 * table of theirs: then the trigger alone removes what hangs on a deleted person.
 */
async function tieForeignKeys(client: pg.ClientBase, { table, isOwn }: ChosenPeople): Promise<void> {
  for (const { table_name: name, column_name: column } of await tiesOf(client)) {
    const key = `${name}_${column}_fkey`
    const { rows } = await client.query<{ is_here: boolean }>(
      'select confrelid = to_regclass($3) as is_here from pg_constraint where conrelid = to_regclass($1) and conname = $2',
      [`portero.${name}`, key, table.sql],
    )
    const [found] = rows
    if (isOwn ? found?.is_here === true : found === undefined) continue
    if (found !== undefined) await client.query(`alter table portero.${name} drop constraint ${key}`)
    if (isOwn)
      await client.query(
        `alter table portero.${name} add constraint ${key} foreign key (${column}) references ${table.sql} (${quoted(table.columns.id)}) on delete cascade`,
      )
  }
}

const documentIndex = 'usuarios_document'

async function tieDocuments(client: pg.ClientBase, table: PeopleTable, isNew: boolean): Promise<void> {
  const { rows } = await client.query<{ definition: string }>(
    `select pg_get_indexdef(i.indexrelid) as definition from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = to_regclass($1) and c.relname = $2 and i.indisvalid`,
    [table.sql, documentIndex],
  )
  const document = `(${quoted(table.columns.document)}::text)`
  const isThere = rows.length > 0
  if (isThere && !isNew) return
  if (isThere) await client.query(`drop index ${quoted(table.schema)}.${documentIndex}`)
  await client.query(
    `create index ${documentIndex} on ${table.sql} (${documentSql(table)}) where ${document} is not null`,
  )
  // What the planner needs to know of a new index in a table that is full already.
  await client.query(`analyze ${table.sql}`)
}

/** Takes back what was put on a table that is the people table no more. */
async function leave(client: pg.ClientBase, sql: string): Promise<void> {
  const { rows } = await client.query<{ schema: string; has_role: boolean }>(
    `select n.nspname as schema, exists (select from pg_roles where rolname = 'portero_runtime') as has_role
       from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)`,
    [sql],
  )
  const [found] = rows
  if (found === undefined) return
  await client.query(`drop index if exists ${quoted(found.schema)}.${documentIndex}`)
  await client.query(`drop policy if exists portero_runtime on ${sql}`)
  if (found.has_role) await client.query(`revoke all on ${sql} from portero_runtime`)
}

/** Deleted while nobody was told, such as by TRUNCATE or from a backup: nothing of them stays here. */
async function forgetTheGone(client: pg.ClientBase, table: PeopleTable): Promise<void> {
  for (const { table_name: name, column_name: column } of await tiesOf(client)) {
    await client.query(
      `delete from portero.${name} t
        where not exists (select from ${table.sql} p where p.${quoted(table.columns.id)} = t.${column})
          and not exists (select from portero.newcomers n where n.id = t.${column})`,
    )
  }
}
