import type pg from 'pg'
import type { PeopleMapping } from '../../domain/people/people-config.ts'
import { StartupProblem } from '../../domain/startup-problem.ts'
import { lookAtTable } from './look-at-table.ts'
import { peopleTable, quoted } from './people-table.ts'
import { memoryTable, requireMemoryTable, requirePeopleTable } from './require-adoptable.ts'
import { lookAtAccess, type TableAccess } from './table-access.ts'

/** What the two tables of the bot's author, or those in their place, tell about themselves. */
export type PeopleSeen = {
  /** As people write it: `public.usuarios`. */
  readonly table: string
  /** Whether Portero made it; undefined before its first start. */
  readonly isOwn: boolean | undefined
  /** Why Portero would not start on them. */
  readonly refusal: string | undefined
  readonly access: readonly TableAccess[]
  /** Memories of nobody, and the condition that finds them; `t` is the memory table. */
  readonly orphans: { readonly count: number; readonly where: string }
  /** Phones that several rows stand for, in different spellings. */
  readonly severalRows: number
  /** Whether the time of the last use has no zone. */
  readonly hasNaiveTime: boolean
}

/** Looks at the tables of people, where there is one of them; changes nothing. */
export async function inspectPeople(
  client: pg.ClientBase,
  mapping: PeopleMapping,
  isOwn: boolean | undefined,
): Promise<PeopleSeen | undefined> {
  const people = peopleTable(mapping)
  const table = await lookAtTable(client, people.sql)
  const memory = await lookAtTable(client, memoryTable)
  if (table === undefined && memory === undefined && mapping.table === 'public.usuarios') return undefined
  const refusal = await refusalOf(async () => {
    if (table === undefined)
      throw new StartupProblem(`There is no people table ${people.name} in the database.`)
    if (isOwn === true) return
    await requirePeopleTable(client, people, table, mapping.create_in_table)
    if (memory !== undefined) await requireMemoryTable(client, people, memory, people.sql)
  })
  const where = `usuario_id is not null and not exists (select from ${people.sql} p where p.${quoted(people.columns.id)} = t.usuario_id)`
  // Where it would be refused, this user may have no right to look into the rows.
  const canCount = refusal === undefined && memory !== undefined
  return {
    table: people.name,
    isOwn,
    refusal,
    access: await lookAtAccess(client, [people.sql, memoryTable]),
    orphans: {
      count:
        canCount && memory.columns.has('usuario_id')
          ? await countOf(client, `select from ${memoryTable} t where ${where}`)
          : 0,
      where,
    },
    severalRows: canCount ? await countOf(client, severalRowsSql) : 0,
    hasNaiveTime: memory?.columns.get('ultimo_acceso')?.type.endsWith('without time zone') === true,
  }
}

/** In a table so large that a look would take too long, none are counted. */
const rowsMax = 300_000

const severalRowsSql = `
  select from ${memoryTable} where (select reltuples from pg_class where oid = to_regclass('${memoryTable}')) < ${rowsMax}
   group by regexp_replace(telefono::text, '^[^0-9]*0+|[^0-9]', '', 'g') having count(*) > 1`

async function refusalOf(look: () => Promise<void>): Promise<string | undefined> {
  try {
    await look()
    return undefined
  } catch (thrown) {
    if (thrown instanceof StartupProblem) return thrown.message.replace(/ Nothing was changed\.$/, '')
    throw thrown
  }
}

async function countOf(client: pg.ClientBase, sql: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from (${sql}) as found`,
  )
  return rows[0]!.count
}
