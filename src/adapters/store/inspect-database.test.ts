import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts'
import { withAccess } from '../postgres/database-url.ts'
import { type DatabaseSeen, inspectDatabase, type SchemaSeen } from './inspect-database.ts'
import { migrationNames } from './migrate.ts'
import { usualMapping } from './people-table.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

const inspect = (url: string, now: () => number = Date.now) =>
  inspectDatabase({ url, adminUrl: url, people: usualMapping, timeoutMs: 2000, now })
const seenAt = async (url: string, now?: () => number) => (await inspect(url, now)) as DatabaseSeen
const schemaNow = async () => (await seenAt(database.url)).schema as Extract<SchemaSeen, { kind: 'made' }>

describe('a database', () => {
  test('that is as it should be shows its version, its clock, the narrow role and complete tables', async () => {
    const seen = await seenAt(database.url)
    expect(seen.major).toBeGreaterThanOrEqual(15)
    expect(seen.version).toMatch(/^\d+\.\d+$/)
    expect(Math.abs(seen.clockAheadMs)).toBeLessThan(5000)
    expect(seen.role).toBe('narrow')
    expect(seen.schema).toMatchObject({
      kind: 'made',
      missingMigrations: [],
      unknownMigrations: [],
      openTables: [],
      groups: [],
    })
  })

  test('shows by how much its clock is ahead of ours', async () => {
    const { clockAheadMs } = await seenAt(database.url, () => Date.now() - 60_000)
    expect(clockAheadMs).toBeGreaterThan(55_000)
    expect(clockAheadMs).toBeLessThan(65_000)
  })

  test('shows what is missing, what is unknown, what is open, whose key it had last, and the groups', async () => {
    const newest = (await migrationNames()).at(-1)!
    await database.query('delete from portero.migrations where name = $1', [newest])
    await database.query(`insert into portero.migrations (name) values ('9999-from-the-future.sql')`)
    await database.query('alter table portero.sends no force row level security')
    await database.query('alter table portero.guesses disable row level security')
    await database.query(`insert into portero.key_fingerprints (key_id) values ('old')`)
    await database.query(
      `insert into portero.key_fingerprints (key_id, first_seen_at) values ('new', now() + interval '1 second')`,
    )
    await database.query(`insert into public.usuarios (nombre) values ('Ana'), ('Bea')`)
    await database.query(
      `insert into portero.people (id, groups) select id, case nombre when 'Ana' then '{staff,desk}' else '{staff}' end::text[]
         from public.usuarios on conflict (id) do update set groups = excluded.groups`,
    )
    await database.query(
      `insert into portero.events (type, subject, data, attempts) values ('link.created', '+1', '{}', 2), ('link.created', '+2', '{}', 0)`,
    )
    const schema = await schemaNow()
    expect(schema.eventsNotTaken).toBe(1)
    expect(schema.missingMigrations).toEqual([newest])
    expect(schema.unknownMigrations).toEqual(['9999-from-the-future.sql'])
    expect(schema.openTables).toEqual(['guesses', 'sends'])
    expect(schema.newestKeyId).toBe('new')
    expect(schema.groups).toEqual(['desk', 'staff'])
  })
})

describe('a database without Portero', () => {
  const name = `portero_test_blank_${randomBytes(4).toString('hex')}`
  const run = async (url: string, sql: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  beforeAll(() => run(inject('superuserUrl'), `create database ${name}`))
  afterAll(() => run(inject('superuserUrl'), `drop database ${name} with (force)`))

  test('shows that, and stays as it is', async () => {
    const url = withAccess(inject('superuserUrl'), { database: name })
    expect((await seenAt(url)).schema).toEqual({ kind: 'none', people: undefined })
    await run(url, 'create table public.usuarios (id int)')
    expect((await seenAt(url)).schema).toMatchObject({
      ...{ kind: 'none', people: { isOwn: undefined, refusal: expect.stringContaining('no column nombre') } },
    })
  })
})

test('what cannot be reached gives a code, and no address and no password', async () => {
  const wrong = withAccess(inject('ownerUrl'), { password: 'hunter2' })
  const nowhere = 'postgresql://portero:hunter2@127.0.0.1:1/portero'
  const unnamed = 'postgresql://portero:hunter2@no-such-host.invalid/portero'
  const missing = withAccess(inject('ownerUrl'), { database: 'no_such_database' })
  expect(await inspect(nowhere)).toEqual({ failure: 'ECONNREFUSED' })
  expect(await inspect(missing)).toEqual({ failure: '3D000' })
  expect(await inspect(wrong)).toEqual({ failure: '28P01' })
  expect(JSON.stringify(await inspect(unnamed))).toMatch(/^\{"failure":"(ENOTFOUND|EAI_AGAIN)"\}$/)
})
