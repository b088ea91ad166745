import type pg from 'pg'
import type { PeopleMapping } from '../../domain/people/people-config.ts'
import { StartupProblem } from '../../domain/startup-problem.ts'
import { lookAtTable } from './look-at-table.ts'
import { makeMemoryTable, makePeopleTable } from './make-tables.ts'
import { ownTable, type PeopleTable, peopleTable, quoted, usualMapping } from './people-table.ts'
import { memoryTable, requireMemoryTable, requirePeopleTable } from './require-adoptable.ts'

/** The people table that a database works on. */
export type ChosenPeople = {
  readonly table: PeopleTable
  /** Whether Portero made it. */
  readonly isOwn: boolean
  /** Whether newcomers become rows of it. */
  readonly isWritten: boolean
  /** What everything was tied to last, as `bind-people.ts` wrote it, and the quoted name of that table. */
  readonly before: { readonly bound: string; readonly sql: string } | undefined
}

/** What a database that has Portero's tables says of its people table. */
export type PeopleBefore = { readonly isOwn: boolean; readonly bound: string }

/**
 * Finds the people table that the configuration names, or makes it where the database has neither of the author's tables. What
 * others made is looked at, and completed only where nothing of it changes. Refuses with a StartupProblem what Portero cannot work on.
 */
export async function choosePeople(
  client: pg.ClientBase,
  mapping: PeopleMapping,
  earlier: PeopleBefore | undefined,
): Promise<ChosenPeople> {
  const table = peopleTable(mapping)
  const seen = await lookAtTable(client, table.sql)
  const memory = await lookAtTable(client, memoryTable)
  const before = beforeOf(earlier)
  const isMoving = earlier?.isOwn === true && table.name !== ownTable
  if (isMoving) await requireEmpty(client, table.name)

  const isMade = earlier === undefined && seen === undefined && memory === undefined && isUsual(mapping)
  if (isMade) await makePeopleTable(client)
  else if (seen === undefined) throw new StartupProblem(missing(table, memory !== undefined))
  const isOwn = isMade || (earlier?.isOwn === true && !isMoving)
  const isWritten = isOwn || mapping.create_in_table
  if (seen !== undefined && !(isOwn && isUsual(mapping)))
    await requirePeopleTable(client, table, seen, isWritten)

  if (memory === undefined) await makeMemoryTable(client, table)
  else if (!isOwn) {
    // So that what is found to be in order still is when the foreign key is made.
    if (before === undefined && memory.isOurs)
      await client.query(`lock table ${table.sql}, ${memoryTable} in share row exclusive mode`)
    await requireMemoryTable(client, table, memory, before?.sql ?? table.sql)
    await completeMemoryTable(client, table)
  }
  return { table, isOwn, isWritten, before }
}

function beforeOf(earlier: PeopleBefore | undefined): ChosenPeople['before'] {
  if (earlier === undefined) return undefined
  const { mapping } = JSON.parse(earlier.bound) as { mapping: PeopleMapping }
  return { bound: earlier.bound, sql: peopleTable(mapping).sql }
}

/** Whether nothing about the table was configured that one made by Portero would not have. */
function isUsual(mapping: PeopleMapping): boolean {
  const usual = peopleTable(usualMapping)
  const { name, columns, last, active } = peopleTable(mapping)
  return (
    name === usual.name &&
    JSON.stringify([columns, last]) === JSON.stringify([usual.columns, usual.last]) &&
    active === undefined
  )
}

function missing({ name }: PeopleTable, hasMemory: boolean): string {
  const which = hasMemory
    ? `The database has ${memoryTable}, but no people table ${name}`
    : `There is no people table ${name} in the database`
  return `${which}. Set people.table to the table that your people are in, with its schema, or see that this is the right database. Nothing was changed.`
}

async function requireEmpty(client: pg.ClientBase, name: string): Promise<void> {
  const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from ${ownTable}`)
  const { count } = rows[0]!
  if (count === 0) return
  throw new StartupProblem(
    `people.table is ${name}, but this installation has ${count === 1 ? '1 person' : `${count} people`} in ${ownTable}, a table that Portero made, and their ids are not in the other. Take people.table away again, or start with a database of its own. Nothing was changed.`,
  )
}

/**
 * Adds what may be missing to a memory table that others made. Rows that are there get no time: nobody knows when they were used, so
 * they have expired.
 */
async function completeMemoryTable(client: pg.ClientBase, { sql, columns }: PeopleTable): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'select attname as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped',
    [memoryTable],
  )
  const has = (column: string) => rows.some(({ name }) => name === column)
  if (!has('usuario_id')) await client.query(`alter table ${memoryTable} add column usuario_id uuid`)
  for (const column of ['ultimo_acceso', 'created_at']) {
    if (has(column)) continue
    await client.query(`alter table ${memoryTable} add column ${column} timestamptz`)
    await client.query(`alter table ${memoryTable} alter column ${column} set default now()`)
  }
  await remakeForeignKey(client, sql, columns.id)
  const { rowCount } = await client.query(
    `select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = to_regclass($1) and a.attname = 'usuario_id' and i.indisvalid and i.indpred is null`,
    [memoryTable],
  )
  if (rowCount === 0)
    await client.query(`create index telefono_usuario_usuario_id on ${memoryTable} (usuario_id)`)
}

type ForeignKey = { name: string; is_right: boolean; follows: boolean }

/** Whoever is deleted is forgotten: a foreign key that would refuse the deletion becomes one that cascades, under its name. */
async function remakeForeignKey(client: pg.ClientBase, sql: string, id: string): Promise<void> {
  const { rows } = await client.query<ForeignKey>(
    `select k.conname as name, k.confrelid = to_regclass($2) and k.confdeltype = 'c' and k.convalidated as is_right,
            k.confupdtype = 'c' as follows
       from pg_constraint k
      where k.conrelid = to_regclass($1) and k.contype = 'f' and cardinality(k.conkey) = 1
        and (select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[1]) = 'usuario_id'`,
    [memoryTable, sql],
  )
  if (rows.length > 0 && rows.every(({ is_right }) => is_right)) return
  const name = quoted(rows[0]?.name ?? 'telefono_usuario_usuario_id_fkey')
  const onUpdate = rows.some(({ follows }) => follows) ? ' on update cascade' : ''
  const drops = rows.map((key) => `drop constraint ${quoted(key.name)}, `).join('')
  await client.query(
    `alter table ${memoryTable} ${drops}add constraint ${name} foreign key (usuario_id) references ${sql} (${quoted(id)})${onUpdate} on delete cascade`,
  )
}
