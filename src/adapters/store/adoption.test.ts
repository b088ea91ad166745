import { readFileSync } from 'node:fs'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import {
  authors,
  bare,
  declare,
  ofStudents,
  opened,
  other,
  person,
  signedIn,
  storesAt,
  students,
} from '../../../test/support/adopted.ts'
import { authorsPeople } from '../../../test/support/bare-database.ts'
import { openPostgres15, postgres15IsMissing } from '../../../test/support/postgres-15.ts'
import { newPhone } from '../../../test/support/samples.ts'
import { openTestPool, storesOn } from '../../../test/support/stores.ts'
import { silentLog } from '../../domain/log.ts'
import { withAccess } from '../postgres/database-url.ts'
import { migrate } from './migrate.ts'
import { usualMapping } from './people-table.ts'

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
    expect(Math.abs(Number(row!.age))).toBeLessThan(60)
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
