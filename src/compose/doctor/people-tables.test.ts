import { afterEach, describe, expect, test } from 'vitest'
import {
  authorsPeople,
  authorsTable,
  type BareDatabase,
  bareDatabase,
} from '../../../test/support/bare-database.ts'
import { inspectDatabase } from '../../adapters/store/inspect-database.ts'
import { usualMapping } from '../../adapters/store/people-table.ts'
import type { Log } from '../../domain/log.ts'
import { judgeDatabase } from './database.ts'

let database: BareDatabase
afterEach(() => database.close())

/** What the doctor says of the people's tables, without what is in order. */
async function findings(): Promise<string[]> {
  const seen = await inspectDatabase({
    ...{ url: database.url, adminUrl: database.url, people: usualMapping, timeoutMs: 5000, now: Date.now },
  })
  return judgeDatabase(seen, undefined)
    .filter(({ status, what }) => status !== 'ok' && /usuario|memor/.test(what))
    .map(({ status, what, cure }) => `${status}: ${what} ${cure}`)
}

const rows = `insert into usuarios values ('00000000-0000-4000-8000-000000000001', 'Juan');`

async function outsiders(): Promise<void> {
  await database.query(`do $$ begin create role anon nologin; create role authenticated nologin;
    exception when duplicate_object then null; end $$`)
}

/** Runs the SQL that a cure holds, from its last `run:` on, as an operator does. */
async function cure(finding: string): Promise<void> {
  const sql = /run: (.*?;)/i.exec(finding)![1]!
  await database.owner.query(sql)
}

describe('tables that others made', () => {
  test('are reported as not adopted yet, or with why they cannot be', async () => {
    database = await bareDatabase(`${authorsPeople} ${authorsTable}`)
    expect(await findings()).toContainEqual(
      expect.stringMatching(/^warning: The people table public\.usuarios is there.*start Portero/),
    )
    await database.owner.query(
      'drop table telefono_usuario, usuarios; create table usuarios (id bigint primary key, nombre text, apellido text, dni text)',
    )
    expect(await findings()).toEqual([
      expect.stringMatching(
        /^fault: Portero does not start on these tables: public\.usuarios\.id is bigint.*\. Where the ids are UUIDs.*alter table/,
      ),
    ])
  })

  test('are reported with every grant that opens them, and the SQL of each finding mends it', async () => {
    database = await bareDatabase(`${authorsPeople} ${authorsTable} ${rows}`)
    await outsiders()
    await database.query(
      'grant select on usuarios to public; grant select, insert, update on usuarios to anon; grant select on telefono_usuario to authenticated',
    )
    const warned: string[] = []
    const log: Log = {
      info: () => {},
      error: () => {},
      warn: (facts, text) => void warned.push(`${text} ${JSON.stringify(facts)}`),
    }
    await database.migrate({}, log)
    expect(warned).toEqual([
      expect.stringMatching(/can be written by others.*portero doctor.*"roles":\["anon"\]/),
    ])
    for (let round = 0; round < 6; round += 1) {
      const found = await findings()
      if (round === 0) {
        expect(found).toEqual([
          expect.stringMatching(
            /^fault: usuarios can be written by anon:.*revoke insert, update, delete, truncate on usuarios from anon;/,
          ),
          expect.stringMatching(
            /^warning: usuarios can be read by authenticated and public.*revoke select on usuarios/,
          ),
          expect.stringMatching(
            /^warning: Row level security is off for usuarios.*enable row level security/,
          ),
          expect.stringMatching(/^warning: telefono_usuario can be read by authenticated/),
          expect.stringMatching(/^warning: Row level security is off for telefono_usuario/),
        ])
      }
      if (found.length === 0) return
      await cure(found[0]!)
    }
    expect(await findings()).toEqual([])
  })

  test('are closed to outsiders by row security, unless a policy lets them in', async () => {
    database = await bareDatabase(`${authorsPeople} ${authorsTable} ${rows}
      alter table usuarios enable row level security; alter table telefono_usuario enable row level security`)
    await outsiders()
    await database.query('grant all on usuarios, telefono_usuario to anon, authenticated')
    await database.migrate()
    expect(await findings()).toEqual([])
    await database.owner.query(
      'create policy "todos pueden" on usuarios for update to authenticated using (true)',
    )
    expect(await findings()).toEqual([
      expect.stringMatching(
        /^fault: usuarios can be written by authenticated.*policies: todos pueden \(update to authenticated\)\. .*drop policy "todos pueden" on usuarios;/,
      ),
    ])
  })

  test('are reported with policies that would hide people from Portero', async () => {
    database = await bareDatabase(`${authorsPeople} ${authorsTable} ${rows}
      alter table usuarios enable row level security; alter table telefono_usuario enable row level security;
      create policy "solo letras" on usuarios as restrictive using (nombre <> 'Juan')`)
    await outsiders()
    await database.migrate()
    const [fault] = await findings()
    expect(fault).toMatch(/^fault: The restrictive policy solo letras on usuarios binds Portero too/)
    await database.owner.query(/such as: (.*?;)/.exec(fault!)![1]!)
    expect(await findings()).toEqual([])
  })

  test('are reported with memories of nobody and phones that are there twice', async () => {
    database = await bareDatabase(`${authorsPeople} ${authorsTable} ${rows}
      alter table usuarios enable row level security; alter table telefono_usuario enable row level security;
      insert into telefono_usuario select spelled, id from usuarios, unnest(array['+5491112345678', '54 911 1234-5678']) as spelled`)
    await database.migrate()
    expect(await findings()).toEqual([
      expect.stringMatching(/^warning: 1 phone has several rows.*select \* from/),
    ])
    await database.owner.query(
      `alter table telefono_usuario drop constraint telefono_usuario_usuario_id_fkey; delete from usuarios`,
    )
    const [fault] = await findings()
    expect(fault).toMatch(
      /^fault: .*2 rows of public\.telefono_usuario are about somebody who is not in public\.usuarios\. Look/,
    )
    await database.owner.query(/(delete from .*?;)/.exec(fault!)![1]!)
    await database.migrate()
    expect(await findings()).toEqual([])
  })
})

test('tables that Portero made are in order', async () => {
  database = await bareDatabase()
  await database.migrate()
  expect(await findings()).toEqual([])
})
