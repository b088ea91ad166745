import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withAccess } from '../src/adapters/postgres/database-url.ts'
import { migrate } from '../src/adapters/store/migrate.ts'
import { silentLog } from '../src/domain/log.ts'
import { type TestDatabase, testDatabase } from './support/database.ts'
import { challengeAnswer, challengeRequest, newPhone } from './support/samples.ts'
import { openTestPool, type Stores, storesOn } from './support/stores.ts'

/** As Supabase's Data API has them: roles that are granted everything in `public` before Portero comes. */
const platformRoles = ['anon', 'authenticated']

let database: TestDatabase
let url: string
let superuser: pg.Client
let stores: ReturnType<typeof storesOn> & Pick<Stores, 'database'>
let session: { id: string; person: { id: string } }
const phone = newPhone()

async function as(role: string, sql: string, values: unknown[] = []): Promise<pg.QueryResult | string> {
  await superuser.query('begin')
  try {
    await superuser.query(`set local role ${role}`)
    return await superuser.query(sql, values)
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? 'unknown'
  } finally {
    await superuser.query('rollback')
  }
}
const denied = '42501'
const rowsOf = (result: pg.QueryResult | string) => (typeof result === 'string' ? result : result.rowCount)

beforeAll(async () => {
  database = await testDatabase()
  const name = `platform_${newPhone().slice(-8)}`
  // Roles are of the whole server: another file may have made some of them.
  for (const role of [...platformRoles, 'old_app'])
    await database.query(
      `do $$ begin create role ${role} nologin; exception when duplicate_object then null; end $$`,
    )
  await database.query(`create database ${name} owner portero`)
  url = withAccess(database.url, { database: name })
  superuser = new pg.Client({ connectionString: withAccess(database.superuserUrl, { database: name }) })
  await superuser.connect()
  await superuser.query(`grant usage on schema public to ${platformRoles.join(', ')}, old_app;
    alter default privileges for role portero grant all on tables to ${platformRoles.join(', ')};
    alter default privileges for role portero grant all on functions to ${platformRoles.join(', ')};
    alter default privileges for role portero grant all on sequences to ${platformRoles.join(', ')}`)
  await migrate({ adminUrl: url, log: silentLog })
  stores = storesOn(openTestPool(url))
  const asked = await stores.challengeStore.requestChallenge(challengeRequest(phone))
  if (asked.outcome === 'refused') throw new Error('refused')
  const verified = await stores.challengeStore.verifyChallenge(challengeAnswer(phone, asked.seed.challengeId))
  if (verified.outcome !== 'signed_in') throw new Error(verified.outcome)
  session = verified.session
})
afterAll(async () => {
  await stores.database.close()
  const [row] = (await superuser.query<{ name: string }>('select current_database() as name')).rows
  await superuser.end()
  await database.query(`drop database ${row!.name} with (force)`)
  await database.close()
})

async function tables(): Promise<string[]> {
  const { rows } = await superuser.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('portero', 'public') order by 1`,
  )
  return rows.map(({ name }) => name)
}

describe.each(platformRoles)('%s, with every grant that a platform gives by default,', (role) => {
  test('sees and changes no row of any table', async () => {
    const names = await tables()
    expect(names.length).toBeGreaterThan(14)
    for (const name of names) {
      expect([0, denied], name).toContain(rowsOf(await as(role, `select from ${name}`)))
      expect([0, denied], name).toContain(rowsOf(await as(role, `delete from ${name}`)))
    }
    for (const table of ['public.usuarios (nombre)', 'portero.people (role)'])
      expect(await as(role, `insert into ${table} values ('x')`)).toBe(denied)
    expect([0, denied]).toContain(rowsOf(await as(role, `update public.usuarios set nombre = 'x'`)))
    expect([0, denied]).toContain(rowsOf(await as(role, 'select from portero.live_sessions')))
  })

  test('empties none, hangs no trigger on one, and calls nothing', async () => {
    await superuser.query(
      `create or replace function public.evil() returns trigger language plpgsql as 'begin return null; end'`,
    )
    for (const name of await tables()) {
      expect(await as(role, `truncate ${name} cascade`), name).toBe(denied)
      expect(
        await as(role, `create trigger evil after insert on ${name} execute function public.evil()`),
        name,
      ).toBe(denied)
    }
    expect(await as(role, `select portero.end_sessions_of($1, 'evil')`, [session.person.id])).toBe(denied)
    expect(await as(role, 'select portero.sweep(0, 0, 0, 1000)')).toBe(denied)
  })
})

describe('the role that Portero runs as', () => {
  test('is what every connection of the pool works as, in UTC', async () => {
    const rows = await Promise.all(
      Array.from({ length: 20 }, () =>
        stores.database.rows(
          `select current_user as role, current_setting('TimeZone') as zone, pg_sleep(0.02)::text`,
          [],
        ),
      ),
    )
    expect(new Set(rows.flat().map(({ role, zone }) => `${role} ${zone}`))).toEqual(
      new Set(['portero_runtime UTC']),
    )
  })

  test('owns nothing and passes over no policy', async () => {
    const { rows } = await superuser.query(
      `select rolsuper, rolbypassrls, rolcanlogin, (select count(*)::int from pg_class c where c.relowner = r.oid) as owned
         from pg_roles r where rolname = 'portero_runtime'`,
    )
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcanlogin: false, owned: 0 }])
  })

  test('cannot empty, alter or unguard a table', async () => {
    for (const name of await tables()) {
      expect(await as('portero_runtime', `truncate ${name} cascade`), name).toBe(denied)
      expect(await as('portero_runtime', `alter table ${name} disable row level security`), name).toBe(denied)
      expect(await as('portero_runtime', `alter table ${name} add column x int`), name).toBe(denied)
      expect(await as('portero_runtime', `alter table ${name} disable trigger all`), name).toBe(denied)
    }
    expect(await as('portero_runtime', 'create table portero.x ()')).toBe(denied)
  })

  test('can add to the access log and the feed, and change or remove nothing there', async () => {
    for (const table of ['portero.access_log', 'portero.revocations']) {
      expect(await as('portero_runtime', `update ${table} set at = now()`)).toBe(denied)
      expect(await as('portero_runtime', `delete from ${table}`)).toBe(denied)
    }
    // Nor by the sweep, whatever is given to it.
    const logged = async () =>
      (await superuser.query('select count(*)::int as n from portero.access_log')).rows[0].n
    const before = await logged()
    expect(before).toBeGreaterThan(0)
    await as('portero_runtime', 'select portero.sweep(-1, -1, -1, 1000000)')
    expect(await logged()).toBe(before)
    expect(
      rowsOf(
        await as(
          'portero_runtime',
          `insert into portero.access_log (event, outcome, door) values ('a', 'b', 'c')`,
        ),
      ),
    ).toBe(1)
  })

  test('row security is on everywhere, and binds the owner in the schema of Portero', async () => {
    const { rows } = await superuser.query(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname in ('portero', 'public')
          and (not c.relrowsecurity or (n.nspname = 'portero') <> c.relforcerowsecurity)`,
    )
    expect(rows).toEqual([])
  })
})

describe('an older app with a role of its own', () => {
  test('deletes a person, and everything of theirs goes, though it knows nothing of Portero', async () => {
    await superuser.query(`grant select, delete on public.usuarios to old_app`)
    await superuser.query(`create policy old_app on public.usuarios to old_app using (true)`)
    const since = (await stores.sessionStore.readRevocations(undefined)).next
    await superuser.query('set role old_app')
    const { rowCount } = await superuser.query('delete from public.usuarios where id = $1', [
      session.person.id,
    ])
    await superuser.query('reset role')
    expect(rowCount).toBe(1)
    expect(await stores.sessionStore.readSession(session.id)).toBeUndefined()
    for (const [table, column] of [
      ['portero.people', 'id'],
      ['portero.phone_people', 'person_id'],
      ['portero.sessions', 'person_id'],
      ['public.telefono_usuario', 'usuario_id'],
    ])
      expect(
        (await superuser.query(`select from ${table} where ${column} = $1`, [session.person.id])).rowCount,
      ).toBe(0)
    const { revocations } = await stores.sessionStore.readRevocations(since)
    expect(revocations.map(({ id: _, ...what }) => what)).toEqual(
      expect.arrayContaining([{ sessionId: session.id }, { personId: session.person.id, isRenamed: false }]),
    )
  })
})

describe('a runtime user who is not the one that migrates', () => {
  test('works as the narrower role too', async () => {
    const user = `app_${newPhone().slice(-8)}`
    await superuser.query(`create role ${user} login password 'x'`)
    const runtimeUrl = withAccess(url, { user, password: 'x' })
    const warned: string[] = []
    const log = { ...silentLog, warn: (_: object, text: string) => void warned.push(text) }
    await migrate({ adminUrl: url, url: runtimeUrl, log })
    expect(warned).toHaveLength(1)
    // As it is where the user that migrates made the role.
    await superuser.query('grant portero_runtime to portero with admin option')
    await migrate({ adminUrl: url, url: runtimeUrl, log })
    expect(warned).toHaveLength(1)
    const pool = openTestPool(runtimeUrl)
    try {
      expect(
        await pool.rows(
          'select current_user as role, (select count(*) > 0 from portero.migrations) as reads',
          [],
        ),
      ).toEqual([{ role: 'portero_runtime', reads: true }])
    } finally {
      await pool.close()
      await superuser.query(`drop role ${user}`).catch(() => {})
    }
  })
})

describe('migrating again', () => {
  test('changes nothing and waits for nobody who is at work', async () => {
    const busy = new pg.Client({ connectionString: url })
    await busy.connect()
    await busy.query('begin')
    for (const name of await tables()) await busy.query(`lock table ${name} in row exclusive mode`)
    await Promise.all(Array.from({ length: 3 }, () => migrate({ adminUrl: url, log: silentLog })))
    await busy.query('rollback')
    await busy.end()
  })

  test('leaves the tables of the organisation open when the operator opened them', async () => {
    await superuser.query('alter table public.telefono_usuario disable row level security')
    await migrate({ adminUrl: url, log: silentLog })
    const { rows } = await superuser.query(
      `select rowsecurity from pg_tables where tablename = 'telefono_usuario'`,
    )
    expect(rows).toEqual([{ rowsecurity: false }])
  })
})
