import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { silentLog } from '../../domain/log.ts'
import { type EmbeddedServer, openEmbeddedServer } from './embedded-server.ts'
import { prepareEmbeddedDatabase } from './prepare-embedded-database.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let server: EmbeddedServer
let dataDir: string

beforeAll(async () => {
  folder = await temporaryFolder()
  dataDir = join(folder.path, 'data')
  server = await openEmbeddedServer({ dataDir, log: silentLog })
})

afterAll(async () => {
  await server.close()
  await folder.remove()
})

async function asOwner(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

it('gives an owner of an own database who is no superuser, minds row level security, and can become the runtime role', async () => {
  const { ownerUrl } = await prepareEmbeddedDatabase({ superuserUrl: server.superuserUrl, dataDir })
  expect(ownerUrl).toMatch(/^postgresql:\/\/portero:[\w-]+@\/portero\?host=%2F/)
  const rows = await asOwner(
    ownerUrl,
    `select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin from pg_roles
    where rolname ~ '^portero' order by 1`,
  )
  const powerless = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false }
  expect(rows).toEqual([
    { rolname: 'portero', ...powerless, rolcanlogin: true },
    { rolname: 'portero_runtime', ...powerless, rolcanlogin: false },
  ])
  await asOwner(ownerUrl, 'create table public.made_by_owner ()')
  await asOwner(ownerUrl, 'set role portero_runtime')
})

it('changes nothing when called again', async () => {
  const first = await prepareEmbeddedDatabase({ superuserUrl: server.superuserUrl, dataDir })
  const second = await prepareEmbeddedDatabase({ superuserUrl: server.superuserUrl, dataDir })
  expect(second).toEqual(first)
})

it('gives the owner a new password when the file with the old one is lost', async () => {
  const first = await prepareEmbeddedDatabase({ superuserUrl: server.superuserUrl, dataDir })
  await rm(join(dataDir, 'owner.password'))
  const second = await prepareEmbeddedDatabase({ superuserUrl: server.superuserUrl, dataDir })
  expect(second.ownerUrl).not.toBe(first.ownerUrl)
  expect(await asOwner(second.ownerUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  await expect(asOwner(first.ownerUrl, 'select 1')).rejects.toMatchObject({ code: '28P01' })
})
