import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import {
  authorsPeople,
  authorsTable,
  type BareDatabase,
  bareDatabase,
} from '../../../test/support/bare-database.ts'
import { openPostgres15, postgres15IsMissing } from '../../../test/support/postgres-15.ts'
import { challengeAnswer, challengeRequest, newPhone } from '../../../test/support/samples.ts'
import { openTestPool, storesOn } from '../../../test/support/stores.ts'
import { silentLog } from '../../domain/log.ts'
import type { PeopleMapping } from '../../domain/people/people-config.ts'
import { withAccess } from '../postgres/database-url.ts'
import { migrate } from './migrate.ts'
import { usualMapping } from './people-table.ts'

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (let close = opened.pop(); close !== undefined; close = opened.pop()) await close()
})

async function bare(sql?: string): Promise<BareDatabase> {
  const database = await bareDatabase(sql)
  opened.push(database.close)
  return database
}

function storesAt(database: BareDatabase) {
  const pool = openTestPool(database.url)
  opened.push(() => pool.close())
  return storesOn(pool)
}

const person = '00000000-0000-4000-8000-000000000001'
const other = '00000000-0000-4000-8000-000000000002'
const authors = `${authorsPeople} ${authorsTable}
  insert into usuarios values ('${person}', 'Juan', 'Pérez', '12.345.678'), ('${other}', 'Ana', 'Souza', '23456789');
  insert into telefono_usuario values ('+5491112345678', '${person}', now(), now());`

/** People under names of their own: one column for the whole name, documents as numbers, and those who left still there. */
const students = `create schema academico;
  create table academico."Alumnos" (legajo uuid primary key, nombre_completo varchar(30), "Documento" bigint, estado text);
  insert into academico."Alumnos" values ('${person}', 'Juan Pérez', 12345678, 'regular'), ('${other}', 'Ana Souza', 23456789, 'baja');
  ${authorsTable.replace('usuarios(id)', 'academico."Alumnos"(legajo)')}`
const ofStudents: Partial<PeopleMapping> = {
  table: 'academico.Alumnos',
  columns: { id: 'legajo', first_name: 'nombre_completo', last_name: '-', document: 'Documento' },
  active_column: 'estado',
  active_values: ['regular', "o'x"],
}

type Stores = ReturnType<typeof storesAt>
const declare = (stores: Stores, phone: ReturnType<typeof newPhone>, document: string) =>
  stores.recognitionStore.declare(
    phone,
    document,
    { documentsADay: 5, peopleMax: 5 },
    { origin: 'chat', isProof: true },
  )

async function signIn(stores: Stores, phone = newPhone(), admission: 'open' | 'known' = 'open') {
  const asked = await stores.challengeStore.requestChallenge(challengeRequest(phone))
  if (asked.outcome === 'refused') throw new Error('refused')
  return stores.challengeStore.verifyChallenge(challengeAnswer(phone, asked.seed.challengeId, { admission }))
}

async function signedIn(stores: Stores, phone = newPhone()) {
  const verified = await signIn(stores, phone)
  if (verified.outcome !== 'signed_in') throw new Error(verified.outcome)
  return verified.session
}

describe('a database of the bot’s author', () => {
  test('keeps every row, and is given what is missing and no more', async () => {
    const database = await bare(authors)
    const before = await database.catalog()
    await database.migrate()
    const added = (await database.catalog()).filter(
      (line) => !before.includes(line) && !/portero\./.test(line.split(' ')[1]!),
    )
    expect(
      added.filter((line) => /^(column (usuarios|telefono_usuario)\.|constraint|policy)/.test(line)),
    ).toEqual([
      expect.stringMatching(/^constraint telefono_usuario .* ON DELETE CASCADE /),
      expect.stringMatching(/^policy telefono_usuario portero_runtime /),
      expect.stringMatching(/^policy usuarios portero_runtime /),
    ])
    expect(added.filter((line) => line.includes('arwd') || line.includes('=rw'))).toEqual([
      expect.stringMatching(/^relation telefono_usuario .*portero_runtime=arwd\/portero\}/),
      expect.stringMatching(/^relation usuarios .*portero_runtime=rw\/portero\}/),
    ])
    expect(await database.query('select telefono, usuario_id from telefono_usuario')).toEqual([
      { telefono: '+5491112345678', usuario_id: person },
    ])
    expect(
      await database.query(
        `select relname, relrowsecurity as rls from pg_class where relname in ('usuarios', 'telefono_usuario') and relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
      ),
    ).toEqual([
      { relname: 'telefono_usuario', rls: false },
      { relname: 'usuarios', rls: false },
    ])
    const stores = storesAt(database)
    expect((await stores.recognitionStore.recognise('+5491112345678' as never)).person).toMatchObject({
      ...{ id: person, firstName: 'Juan', belongs: 'declared' },
    })
    expect(await declare(stores, newPhone(), '23.456.789')).toMatchObject({ outcome: 'linked' })
  })

  test('is left alone by every start after the first', async () => {
    for (const [sql, mapping] of [
      [authors, {}],
      [students, ofStudents],
      ['', {}],
    ] as const) {
      const database = await bare(sql)
      await database.migrate(mapping)
      const after = await database.catalog()
      await database.migrate(mapping)
      await Promise.all([database.migrate(mapping), database.migrate(mapping)])
      expect(await database.catalog()).toEqual(after)
    }
  })

  test('without the columns of time gets them, and nobody becomes known by that', async () => {
    const database = await bare(`${authorsPeople}
      create table telefono_usuario (telefono text unique not null, usuario_id uuid);
      insert into usuarios values ('${person}', 'Juan');
      insert into telefono_usuario values ('+5491112345678', '${person}')`)
    await database.migrate()
    const { recognitionStore } = storesAt(database)
    expect(await recognitionStore.recognise('+5491112345678' as never)).toMatchObject({ lost: 'expired' })
    expect(await recognitionStore.sweepMemories()).toBe(0)
    await database.owner.query(`insert into telefono_usuario values ('5491112345679', '${person}')`)
    expect(await recognitionStore.recognise('+5491112345679' as never)).toMatchObject({
      person: { id: person },
    })
  })

  test('that has people and no memory yet gets the author’s table', async () => {
    const database = await bare(
      `${authorsPeople} insert into usuarios values ('${person}', 'Juan', null, '12345678')`,
    )
    await database.migrate()
    const phone = newPhone()
    expect(await declare(storesAt(database), phone, '12345678')).toMatchObject({ outcome: 'linked' })
    expect(await database.query('select telefono from telefono_usuario')).toEqual([{ telefono: phone }])
  })

  test('finds rows in other spellings, and of two for one phone takes the one used last', async () => {
    const database = await bare(`${authors}
      insert into telefono_usuario values ('5491187654321', '${person}', now() - interval '2 days', now()),
        ('54911 8765-4321', '${other}', now() - interval '1 day', now()), ('+54 9 11 8765 4322', '${other}', now(), now()),
        ('005491187654323', '${other}', now(), now())`)
    await database.migrate()
    const { recognitionStore } = storesAt(database)
    for (const last of ['1', '2', '3']) {
      expect((await recognitionStore.recognise(`+549118765432${last}` as never)).person?.id).toBe(other)
    }
  })
})

test.skipIf(postgres15IsMissing)(
  `the oldest PostgreSQL is adopted too${postgres15IsMissing ? ` (skipped: ${postgres15IsMissing})` : ''}`,
  async () => {
    const server = await openPostgres15()
    opened.push(() => server.close())
    const owner = new pg.Client({ connectionString: server.ownerUrl })
    await owner.connect()
    await owner.query(students)
    await owner.end()
    const people = { ...usualMapping, ...ofStudents }
    for (let i = 0; i < 2; i += 1) await migrate({ adminUrl: server.ownerUrl, people, log: silentLog })
    const pool = openTestPool(server.ownerUrl)
    opened.push(() => pool.close())
    const stores = storesOn(pool)
    const phone = newPhone()
    expect(await declare(stores, phone, '12345678')).toMatchObject({ outcome: 'linked' })
    const session = await signedIn(stores, phone)
    await stores.peopleStore.changePerson(session.person.id, { name: 'Eva' })
    expect((await stores.sessionStore.readSession(session.id))?.person.name).toBe('Eva')
  },
  60_000,
)

describe('times without a zone', () => {
  test('count as UTC, whatever zone the server and the old bot have', async () => {
    const database = await bare(authors)
    await database.owner.query(
      `do $$ begin execute format('alter database %I set timezone to ''America/Sao_Paulo''', current_database()); end $$`,
    )
    await database.migrate()
    const stores = storesAt(database)
    const phone = newPhone()
    await declare(stores, phone, '23456789')
    const [row] = await database.query<{ age: string; zone: string }>(
      `select extract(epoch from (now() at time zone 'utc') - ultimo_acceso) as age, current_setting('timezone') as zone from telefono_usuario where telefono = $1`,
      [phone],
    )
    expect(row!.zone).toBe('America/Sao_Paulo')
    expect(Math.abs(Number(row!.age))).toBeLessThan(10)
    const shift = async (age: string) => {
      await database.query(
        `update telefono_usuario set ultimo_acceso = (now() at time zone 'utc') - $2::interval where telefono = $1`,
        [phone, age],
      )
      const { person: found, lost } = await stores.recognitionStore.recognise(phone)
      return found?.id ?? lost
    }
    expect(await shift('29 days 23 hours')).toBe(other)
    expect(await shift('30 days 1 hour')).toBe('expired')
    expect(await shift('31 days')).toBe('expired')
    expect(await stores.recognitionStore.sweepMemories()).toBe(1)
    // What the old bot writes by NOW() there is three hours old at once; that costs hours of thirty days, and nothing else.
    const bot = new pg.Client({ connectionString: withAccess(database.url, {}) })
    await bot.connect()
    await bot.query(`set timezone = 'America/Sao_Paulo'`)
    await bot.query('insert into telefono_usuario values ($1, $2, now(), now())', [phone, other])
    await bot.end()
    expect((await stores.recognitionStore.recognise(phone)).person?.id).toBe(other)
  })
})

describe('a people table under other names', () => {
  test('is read, searched and written by its own', async () => {
    const database = await bare(students)
    await database.migrate(ofStudents)
    const stores = storesAt(database)
    const phone = newPhone()
    expect(await declare(stores, phone, '12.345.678')).toMatchObject({
      ...{ outcome: 'linked', person: { id: person, name: 'Juan Pérez', firstName: 'Juan' } },
    })
    await stores.peopleStore.changePerson(person, { name: 'Juan Carlos Pérez de los Santos y más' })
    expect(
      await database.query('select nombre_completo from academico."Alumnos" where legajo = $1', [person]),
    ).toEqual([{ nombre_completo: 'Juan Carlos Pérez de los Santo' }])
  })

  test('shows only who counts: the others are unknown, and whoever stops to count is out at once', async () => {
    const database = await bare(students)
    await database.migrate(ofStudents)
    const stores = storesAt(database)
    expect(await declare(stores, newPhone(), '23456789')).toMatchObject({ outcome: 'unknown' })
    const phone = newPhone()
    await stores.recognitionStore.link(phone, person, 'attested', 'api')
    const session = await signedIn(stores, phone)
    expect(session.person.id).toBe(person)
    const since = (await stores.sessionStore.readRevocations(undefined)).next
    await database.owner.query(`update academico."Alumnos" set estado = 'baja' where legajo = '${person}'`)
    expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
    expect((await stores.sessionStore.readRevocations(since)).revocations).toMatchObject([
      { personId: person, isRenamed: false },
    ])
    expect(await stores.recognitionStore.recognise(phone)).toMatchObject({ person: undefined, lost: 'gone' })
    expect(await signIn(stores, phone, 'known')).toMatchObject({ outcome: 'not_admitted' })
    const fresh = await signedIn(stores, phone)
    expect(fresh.person.id).not.toBe(person)
  })

  test('shows nobody who does not count beside others on their phone', async () => {
    const database = await bare(students.replace("'baja'", "'regular'"))
    await database.migrate(ofStudents)
    const stores = storesAt(database)
    const phone = newPhone()
    for (const document of ['12345678', '23456789']) await declare(stores, phone, document)
    expect((await stores.recognitionStore.recognise(phone)).others).toMatchObject([{ id: person }])
    await database.owner.query(`update academico."Alumnos" set estado = 'baja' where legajo = '${person}'`)
    expect(await stores.recognitionStore.recognise(phone)).toMatchObject({
      ...{ person: { id: other }, others: [] },
    })
    expect(await stores.recognitionStore.chooseOther(phone, person)).toBe(false)
  })

  test('may say by an empty column who counts, and no value can become SQL', async () => {
    const database =
      await bare(`create table gente (id uuid primary key, nombre text, apellido text, dni text, "borrado el" timestamptz);
      insert into gente values ('${person}', 'Juan', null, '12345678', null), ('${other}', 'Ana', null, '23456789', now())`)
    await database.migrate({ table: 'gente', active_column: 'borrado el' })
    const stores = storesAt(database)
    expect(await declare(stores, newPhone(), '12345678')).toMatchObject({ outcome: 'linked' })
    expect(await declare(stores, newPhone(), '23456789')).toMatchObject({ outcome: 'unknown' })
    await database.migrate({
      ...{ table: 'gente', active_column: 'dni', active_values: [`\\'); drop table gente; --`, '23456789'] },
    })
    expect(await declare(stores, newPhone(), '12345678')).toMatchObject({ outcome: 'unknown' })
    expect(await declare(stores, newPhone(), '23456789')).toMatchObject({ outcome: 'linked' })
  })

  test('may become another one later: what was put on the old one is taken back', async () => {
    const database = await bare(`${students}
      create table gente (id uuid primary key, nombre text, apellido text, dni text);
      insert into gente select legajo, nombre_completo, null, "Documento"::text from academico."Alumnos"`)
    await database.migrate(ofStudents)
    const phone = newPhone()
    const stores = storesAt(database)
    await declare(stores, phone, '12345678')
    await database.migrate({ table: 'public.gente' })
    const left = (await database.catalog()).filter(
      (line) => /Alumnos/.test(line) && !/^(relation|column|constraint academico)/.test(line),
    )
    expect(left).toEqual([expect.stringMatching(/^index CREATE UNIQUE INDEX "Alumnos_pkey"/)])
    expect((await stores.recognitionStore.recognise(phone)).person?.id).toBe(person)
    expect(await declare(stores, newPhone(), '23456789')).toMatchObject({ outcome: 'linked' })
    await database.owner.query(`delete from gente where id = '${person}'`)
    expect(await database.query('select from telefono_usuario where usuario_id = $1', [person])).toEqual([])
  })
})

test('recognising, declaring and signing in read few pages of a large table that others made', async () => {
  const ids = `('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid`
  const database = await bare(`${students} delete from academico."Alumnos";
    insert into academico."Alumnos" select ${ids}, 'Ana Souza', 10000000 + i, 'regular' from generate_series(1, 100000) as i;
    insert into telefono_usuario select '+54 911 ' || (40000000 + i), ${ids}, now(), now() from generate_series(1, 100000) as i;
    analyze telefono_usuario`)
  await database.migrate(ofStudents)
  await database.query(`insert into portero.newcomers (nombre) select 'Eva' from generate_series(1, 20000)`)
  await database.query('analyze portero.newcomers')
  const runtime = new pg.Client({ connectionString: database.url })
  await runtime.connect()
  await runtime.query('set role portero_runtime')
  const pagesOf = async (call: (i: number) => string) => {
    let fewest = Number.POSITIVE_INFINITY
    for (let i = 1; i <= 7; i += 1) {
      const { rows } = await runtime.query(`explain (analyze, buffers, format json) ${call(i)}`)
      const plan = rows[0]['QUERY PLAN'][0].Plan
      fewest = Math.min(fewest, plan['Shared Hit Blocks'] + plan['Shared Read Blocks'])
    }
    return fewest
  }
  const pages = {
    recognise: await pagesOf(
      (i) => `select * from portero.recognise_phone('+549114000000${i}', 'always', 'bot')`,
    ),
    declare: await pagesOf(
      (i) =>
        `select * from portero.declare_document('+549115000000${i}', '1005432${i}', '\\x0${i}', 5, 5, 'bot', true)`,
    ),
    // Of a person, as the view of living sessions joins them.
    person: await pagesOf(
      (i) =>
        `select u.* from (values ('00000000-0000-4000-8000-00000000000${i}'::uuid)) as s (id) join portero.everybody u on u.id = s.id`,
    ),
  }
  await runtime.end()
  expect(pages.recognise).toBeLessThan(60)
  expect(pages.declare).toBeLessThan(120)
  expect(pages.person).toBeLessThan(12)
}, 60_000)

describe('newcomers', () => {
  test('beside a table of others live in Portero’s own, and the bot asks them for a document', async () => {
    const database = await bare(authors)
    await database.migrate()
    const stores = storesAt(database)
    const phone = newPhone()
    const session = await signedIn(stores, phone)
    await stores.peopleStore.changePerson(session.person.id, { name: 'Eva Lima' })
    expect(await database.query('select from usuarios')).toHaveLength(2)
    expect(await database.query('select nombre, apellido from portero.newcomers')).toEqual([
      { nombre: 'Eva', apellido: 'Lima' },
    ])
    expect((await stores.sessionStore.readSession(session.id))?.person.name).toBe('Eva Lima')
    expect(await stores.recognitionStore.recognise(phone)).toMatchObject({
      person: undefined,
      lost: undefined,
    })
    expect(await stores.recognitionStore.link(phone, session.person.id, 'declared', 'api')).toBe('unknown')
    expect(await declare(stores, phone, '12345678')).toMatchObject({ outcome: 'linked' })
    expect((await signedIn(stores, phone)).person.id).toBe(session.person.id)
    expect((await stores.recognitionStore.recognise(phone)).person?.id).toBe(person)
    await database.query('delete from portero.newcomers')
    expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
    expect(await database.query('select from portero.people where id = $1', [session.person.id])).toEqual([])
  })

  test('become rows of it where the operator wants that', async () => {
    const database = await bare(
      students.replace('nombre_completo varchar(30)', 'nombre_completo varchar(30) not null'),
    )
    await database.migrate({
      ...ofStudents,
      active_column: undefined,
      active_values: undefined,
      create_in_table: true,
    })
    const session = await signedIn(storesAt(database))
    expect(
      await database.query('select nombre_completo from academico."Alumnos" where legajo = $1', [
        session.person.id,
      ]),
    ).toEqual([{ nombre_completo: '' }])
  })

  test('are one person each, however many sign in at once', async () => {
    const database = await bare(authors)
    await database.migrate()
    const stores = storesAt(database)
    const phones = Array.from({ length: 10 }, newPhone)
    await Promise.all(
      phones.flatMap((phone) =>
        Array.from({ length: 5 }, () => stores.peopleStore.addPerson(phone, { name: 'Eva' })),
      ),
    )
    expect(await database.query('select from portero.newcomers')).toHaveLength(10)
  })
})

describe('somebody whom another program deletes', () => {
  test('is gone everywhere at once, though that program knows nothing of Portero', async () => {
    const database = await bare(students)
    await database.migrate(ofStudents)
    const stores = storesAt(database)
    const phone = newPhone()
    await stores.recognitionStore.link(phone, person, 'attested', 'api')
    const session = await signedIn(stores, phone)
    const role = `old_app_${newPhone().slice(-8)}`
    await database.query(
      `create role ${role}; grant usage on schema academico to ${role}; grant select, delete on academico."Alumnos" to ${role}`,
    )
    const since = (await stores.sessionStore.readRevocations(undefined)).next
    const app = new pg.Client({ connectionString: database.url })
    await database.query(`grant ${role} to portero`)
    await app.connect()
    await app.query(`set role ${role}`)
    await app.query(`delete from academico."Alumnos" where legajo = '${person}'`)
    await app.end()
    await database.query(`drop owned by ${role}; drop role ${role}`)
    for (const [table, column] of [
      ['portero.people', 'id'],
      ['portero.phone_people', 'person_id'],
      ['portero.sessions', 'person_id'],
      ['public.telefono_usuario', 'usuario_id'],
    ])
      expect(await database.query(`select from ${table} where ${column} = $1`, [person]), table).toEqual([])
    const { revocations } = await stores.sessionStore.readRevocations(since)
    expect(revocations.map(({ id: _, ...what }) => what)).toEqual(
      expect.arrayContaining([{ sessionId: session.id }, { personId: person, isRenamed: false }]),
    )
  })

  test('while nobody was told is forgotten at the next start', async () => {
    const database = await bare(authors)
    await database.migrate()
    const stores = storesAt(database)
    await stores.recognitionStore.link(newPhone(), person, 'attested', 'api')
    await database.owner.query('truncate usuarios cascade')
    await database.migrate()
    expect(await database.query('select from portero.phone_people')).toEqual([])
  })
})

describe('a database that cannot be adopted is refused with what to do, and stays as it is', () => {
  const people = authorsPeople
  const table = authorsTable
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
    await database
      .query(
        `create role somebody_else; ${authors} alter table usuarios owner to somebody_else; grant all on usuarios to portero`,
      )
      .catch(() => {})
    await database.query('alter table usuarios owner to somebody_else')
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
    const database = await bare(authors)
    const busy = new pg.Client({ connectionString: database.url })
    await busy.connect()
    await busy.query('begin; update usuarios set nombre = nombre')
    const before = await database.catalog()
    await expect(database.migrate()).rejects.toThrow(/locked for more than 10s.*Nothing was changed/)
    await busy.query('rollback')
    await busy.end()
    expect(await database.catalog()).toEqual(before)
    await database.migrate()
  }, 40_000)
})

test('the way back in the guide leaves what was there, and leads here again', async () => {
  const guide = readFileSync(new URL('../../../docs/guide/existing-bot.md', import.meta.url), 'utf8')
  const sql = /## How to go back[\s\S]*?```sql\n([\s\S]*?)```/.exec(guide)![1]!
  const database = await bare(authors)
  const shape = async () =>
    (await database.catalog()).map((line) =>
      line.replace(/ \d+$/, '').replace(/\{portero=\w+\/portero\}/, ''),
    )
  const before = await shape()
  await database.migrate()
  await database.owner.query(sql)
  const after = await shape()
  expect(after.filter((line) => !before.includes(line))).toEqual([
    expect.stringMatching(/^column telefono_usuario_usuario_id/),
    expect.stringMatching(/^constraint telefono_usuario .* ON DELETE CASCADE/),
    expect.stringMatching(/^index CREATE INDEX telefono_usuario_usuario_id/),
    expect.stringMatching(/^relation telefono_usuario_usuario_id/),
  ])
  expect(before.filter((line) => !after.includes(line))).toEqual([
    expect.stringMatching(/^constraint telefono_usuario .* FOREIGN KEY/),
  ])
  await database.migrate()
  expect((await storesAt(database).recognitionStore.recognise('+5491112345678' as never)).person?.id).toBe(
    person,
  )
})

describe('a database of the Portero before this one', () => {
  const earlier = gunzipSync(
    readFileSync(new URL('../../../test/support/fixtures/schema-0017.sql.gz', import.meta.url)),
  ).toString()

  test('becomes what a new one is, with everything that was in it', async () => {
    const database = await bare(earlier)
    await database.owner.query(`insert into public.usuarios (id, nombre, apellido, dni) values ('${person}', 'Juan', 'Pérez', '12345678');
      insert into portero.people (id, role) values ('${person}', 'admin');
      insert into portero.phone_people (phone, person_id, belongs) values ('+5491112345678', '${person}', 'attested')`)
    await database.migrate()
    const fresh = await bare()
    await fresh.migrate()
    const comparable = (lines: string[]) =>
      lines
        .map((line) =>
          line
            .replace(/ \d+$/, '')
            .replace(/ portero_owner \{\d+\}/, '')
            .replace(/^(policy \S+ portero_runtime) .*/, '$1'),
        )
        .sort()
    expect(comparable(await database.catalog())).toEqual(comparable(await fresh.catalog()))
    const session = await signedIn(storesAt(database), '+5491112345678' as never)
    expect(session.person).toMatchObject({ id: person, name: 'Juan Pérez', role: 'admin' })
  })

  test('keeps its people where they are', async () => {
    const database =
      await bare(`${earlier}; create table public.gente (id uuid primary key, nombre text, apellido text, dni text);
      insert into public.usuarios (nombre) values ('Ana'); insert into public.gente values ('${person}', 'Juan', null, '12345678')`)
    await expect(database.migrate({ table: 'gente' })).rejects.toThrow(
      /1 person in public\.usuarios.*Take people\.table away/,
    )
    await database.owner.query('delete from public.usuarios')
    await database.migrate({ table: 'gente' })
    expect(await declare(storesAt(database), newPhone(), '12345678')).toMatchObject({ outcome: 'linked' })
  })
})
