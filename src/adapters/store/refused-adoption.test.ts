import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  authors,
  bare,
  declare,
  ofStudents,
  other,
  person,
  storesAt,
  students,
} from '../../../test/support/adopted.ts'
import {
  authorsPeople,
  authorsTable,
  type BareDatabase,
  bareDatabase,
} from '../../../test/support/bare-database.ts'
import { newPhone } from '../../../test/support/samples.ts'
import type { PeopleMapping } from '../../domain/people/people-config.ts'

describe('a database that cannot be adopted is refused with what to do, and stays as it is', () => {
  const people = authorsPeople
  const table = authorsTable

  // It waits for ten seconds, which the others use.
  let busy: pg.Client
  let held: Promise<{ database: BareDatabase; before: string[]; outcome: Promise<string[]> }>
  beforeAll(() => {
    held = holdTables()
  })
  afterAll(async () => {
    await busy.end()
    await (await held).database.close()
  })
  async function holdTables() {
    const database = await bareDatabase(authors)
    busy = new pg.Client({ connectionString: database.url })
    await busy.connect()
    await busy.query('begin; update usuarios set nombre = nombre')
    const before = await database.catalog()
    const outcome = database.migrate().then(
      () => [],
      (problem: Error) => [problem.message],
    )
    return { database, before, outcome }
  }

  test.each<[string, string, Partial<PeopleMapping>, RegExp]>([
    [
      'a view',
      `create table gente (id uuid primary key, nombre text, apellido text, dni text); create view usuarios as select * from gente`,
      {},
      /public\.usuarios is a view.*ordinary table/,
    ],
    [
      'a partitioned table',
      'create table usuarios (id uuid primary key, nombre text, apellido text, dni text) partition by hash (id)',
      {},
      /is a partitioned table/,
    ],
    [
      'ids that are numbers',
      'create table usuarios (id bigint primary key, nombre text, apellido text, dni text)',
      {},
      /public\.usuarios\.id is bigint.*add column portero_id uuid/,
    ],
    [
      'ids that nothing can point to',
      'create table usuarios (id uuid, nombre text, apellido text, dni text)',
      {},
      /not unique.*alter table "public"\."usuarios" add primary key \("id"\);/,
    ],
    [
      'no column of that name',
      'create table usuarios (id uuid primary key, nombre text, documento text)',
      {},
      /no column apellido\. Set people\.columns\.last_name .*, or - when.*id, nombre, documento/,
    ],
    [
      'a document that is none',
      'create table usuarios (id uuid primary key, nombre text, apellido text, dni date)',
      {},
      /dni is date; a document has to be/,
    ],
    [
      'a table that is not there',
      `${people} ${table}`,
      { table: 'academico.alumnos' },
      /public\.telefono_usuario, but no people table academico\.alumnos.*people\.table/,
    ],
    [
      'nothing where a table was promised',
      '',
      { table: 'alumnos' },
      /no people table public\.alumnos in the database/,
    ],
    [
      'links that are no ids',
      `${people} create table telefono_usuario (telefono text primary key, usuario_id text); insert into telefono_usuario values ('1', 'juan'), ('2', '${person}')`,
      {},
      /usuario_id is text, and 1 row has no UUID there\. Look at them: select/,
    ],
    [
      'ids in a text',
      `${people} create table telefono_usuario (telefono text primary key, usuario_id text); insert into telefono_usuario values ('2', '${person}')`,
      {},
      /All of its values are UUIDs, so run: alter table .* type uuid/,
    ],
    [
      'links to nobody',
      `${people} create table telefono_usuario (telefono text primary key, usuario_id uuid, ultimo_acceso timestamp); insert into telefono_usuario values ('1', '${person}'), ('2', '${other}')`,
      {},
      /2 rows of public\.telefono_usuario.*not in public\.usuarios.*select \* from.*delete from/,
    ],
    [
      'links to another table',
      `${people} create table gente (id uuid primary key); create table telefono_usuario (telefono text primary key, usuario_id uuid references gente)`,
      {},
      /points to public\.gente, and people\.table is public\.usuarios/,
    ],
    [
      'phones without room',
      `${people} create table telefono_usuario (telefono varchar(10) primary key, usuario_id uuid)`,
      {},
      /telefono is character varying\(10\).*varchar\(20\)/,
    ],
    [
      'phones that repeat',
      `${people} create table telefono_usuario (telefono text, usuario_id uuid)`,
      {},
      /telefono is not unique.*add primary key \(telefono\)/,
    ],
    [
      'times that are texts',
      `${people} create table telefono_usuario (telefono text primary key, usuario_id uuid, ultimo_acceso text)`,
      {},
      /ultimo_acceso is text.*type timestamptz/,
    ],
    [
      'a column that nobody fills',
      `${people} create table telefono_usuario (telefono text primary key, usuario_id uuid, canal text not null)`,
      {},
      /wants a value for canal in every row/,
    ],
    [
      'newcomers that do not fit',
      `create table usuarios (id uuid primary key, nombre text, apellido text, dni text not null)`,
      { create_in_table: true },
      /wants a value for dni.*create_in_table/,
    ],
    [
      'rows that hide from their owner',
      `${people} alter table usuarios enable row level security, force row level security`,
      {},
      /forced on public\.usuarios.*no force row level security/,
    ],
  ])('%s', async (_, sql, mapping, sentence) => {
    const database = await bare(sql)
    const before = await database.catalog()
    const rows = async () =>
      database.query(`select count(*)::int from pg_tables where schemaname = 'portero'`)
    await expect(database.migrate(mapping)).rejects.toThrow(sentence)
    await expect(database.migrate(mapping)).rejects.toThrow(/Nothing was changed\.$/)
    expect(await database.catalog()).toEqual(before)
    expect(await rows()).toEqual([{ count: 0 }])
  })

  test('tables of somebody else', async () => {
    const database = await bare()
    // Roles outlive databases.
    await database.query(`drop role if exists somebody_else; create role somebody_else; ${authors}
      alter table usuarios owner to somebody_else; grant all on usuarios to portero`)
    const before = await database.catalog()
    await expect(database.migrate()).rejects.toThrow(
      /public\.usuarios belongs to somebody_else.*portero may not alter it.*grant "somebody_else" to "portero"/,
    )
    expect(await database.catalog()).toEqual(before)
    await database.query('grant somebody_else to portero; grant create on schema public to somebody_else')
    await database.query('alter table telefono_usuario owner to portero')
    await database.migrate()
    expect((await storesAt(database).recognitionStore.recognise('+5491112345678' as never)).person?.id).toBe(
      person,
    )
  })

  test('a schema that the narrow role may not enter', async () => {
    const database = await bare(students)
    await database.query(
      'alter schema academico owner to postgres; grant usage, create on schema academico to portero',
    )
    const before = await database.catalog()
    await expect(database.migrate(ofStudents)).rejects.toThrow(
      /grant usage on schema academico to portero_runtime;.*Nothing was changed/,
    )
    expect(await database.catalog()).toEqual(before)
    await database.query('grant usage on schema academico to portero_runtime')
    await database.migrate(ofStudents)
  })

  test('tables that a program holds', async () => {
    const { database, before, outcome } = await held
    expect((await outcome).join()).toMatch(/locked for more than 10s.*Nothing was changed/)
    await busy.query('rollback')
    expect(await database.catalog()).toEqual(before)
    await database.migrate()
  })
})

test('a database of another Portero, newer or from before the first release, is refused by the names of what it has', async () => {
  const database = await bare()
  await database.migrate()
  await database.owner.query(`insert into portero.migrations values ('0006-budgets.sql'), ('9999-later.sql')`)
  const before = await database.catalog()
  await expect(database.migrate()).rejects.toThrow(
    /newer Portero, or by one from before the first release \(0006-budgets\.sql, 9999-later\.sql\)\. Start that version/,
  )
  expect(await database.catalog()).toEqual(before)
})

test('people stay where they are: a table of others takes the place of Portero’s own while that is empty', async () => {
  const database = await bare()
  await database.migrate()
  await database.owner.query(`create table public.gente (id uuid primary key, nombre text, apellido text, dni text);
      insert into public.usuarios (nombre) values ('Ana'); insert into public.gente values ('${person}', 'Juan', null, '12345678')`)
  await expect(database.migrate({ table: 'gente' })).rejects.toThrow(
    /1 person in public\.usuarios.*Take people\.table away/,
  )
  await database.owner.query('delete from public.usuarios')
  await database.migrate({ table: 'gente' })
  expect(await declare(storesAt(database), newPhone(), '12345678')).toMatchObject({ outcome: 'linked' })
})
