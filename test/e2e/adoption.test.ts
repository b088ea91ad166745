import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withAccess } from '../../src/adapters/postgres/database-url.ts'
import { authorsTable, type BareDatabase, bareDatabase } from '../support/bare-database.ts'
import { call } from '../support/call.ts'
import { demoEnv } from '../support/portero-in-process.ts'
import { openPortero, type PorteroProcess } from '../support/portero-process.ts'
import { signInByApi } from '../support/sign-in.ts'

const juan = '00000000-0000-4000-8000-000000000001'
const ana = '00000000-0000-4000-8000-000000000002'

/** What a bot by the author's document left: its people, whom it remembers, and the access of its own that it works with. */
const before = `CREATE TABLE usuarios (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), nombre text, apellido text, dni text, carrera text);
  ${authorsTable}
  INSERT INTO usuarios VALUES ('${juan}', 'Juan', 'Pérez', '12345678', 'Derecho'), ('${ana}', 'Ana', 'Souza', '23.456.789', 'Letras');
  INSERT INTO telefono_usuario VALUES ('+5491112345678', '${juan}', NOW() - INTERVAL '2 days', NOW() - INTERVAL '9 days'),
    ('549 11 8765-4321', '${ana}', NOW(), NOW()), ('+5491100000000', '${ana}', NOW() - INTERVAL '40 days', NOW() - INTERVAL '50 days'),
    ('+5491100000001', '${juan}', NULL, NULL);
  ALTER TABLE usuarios ENABLE ROW LEVEL SECURITY;
  ALTER TABLE telefono_usuario ENABLE ROW LEVEL SECURITY;`

const upsert = `INSERT INTO telefono_usuario (telefono, usuario_id, ultimo_acceso, created_at) VALUES ($1, $2, NOW(), NOW())
  ON CONFLICT (telefono) DO UPDATE SET usuario_id = EXCLUDED.usuario_id, ultimo_acceso = EXCLUDED.ultimo_acceso`

let database: BareDatabase
let oldBot: OldBot
let portero: PorteroProcess
let rowsBefore: unknown[]
beforeAll(async () => {
  database = await bareDatabase(before)
  rowsBefore = await everyRow()
  oldBot = await openOldBot('service_role_of_test', 'bypassrls')
  portero = await openPortero(demoEnv(database))
})
afterAll(async () => {
  await portero.dispose()
  await oldBot.close()
  await database.close()
})

type OldBot = { readonly role: string; writes: number; failed: string[]; close(): Promise<void> }

/** The bot that is there already: it goes on writing a row of its own, without a pause, whatever happens beside it. */
async function openOldBot(role: string, attributes: string): Promise<OldBot> {
  await database.query(`create role ${role} login password 'x' ${attributes}`)
  await database.query(`grant select, insert, update, delete on usuarios, telefono_usuario to ${role}`)
  const client = new pg.Client({ connectionString: withAccess(database.url, { user: role, password: 'x' }) })
  await client.connect()
  await client.query(`set timezone = 'America/Sao_Paulo'`)
  let isOver = false
  const bot: OldBot = {
    ...{ role, writes: 0, failed: [] },
    async close() {
      isOver = true
      await working
      await client.end()
      await database.query(`drop owned by ${role}`)
      await database.query(`drop role ${role}`)
    },
  }
  const working = (async () => {
    while (!isOver) {
      await client.query(upsert, ['+5491155550000', juan]).then(
        () => (bot.writes += 1),
        (error: Error) => bot.failed.push(error.message),
      )
      await sleep(5)
    }
  })()
  return bot
}

const everyRow = () =>
  database.query(
    `select to_jsonb(u) as row from usuarios u union all
     select to_jsonb(t) from telefono_usuario t where telefono <> '+5491155550000' order by 1`,
  )

const say = async (from: string, text: string) => {
  const { json } = await call(`${portero.url}/_portero/bot/messages`, { json: { from, text } })
  return {
    text: (json.replies as { text: string }[]).map((reply) => reply.text).join('\n'),
    person: json.person as { id: string } | null,
  }
}
const asks = /necesito que me pases tu DNI/
const remembered = (phone: string) =>
  database.query('SELECT * FROM telefono_usuario WHERE telefono = $1', [phone])

describe('a database that a bot by the author’s document made, adopted', () => {
  it('has lost nothing but what the seed’s own sweep removes, and nobody was added', async () => {
    const isOld = (row: unknown) => JSON.stringify(row).includes('+5491100000000')
    expect((await everyRow()).filter((row) => !isOld(row))).toEqual(rowsBefore.filter((row) => !isOld(row)))
    expect(rowsBefore.filter(isOld)).toHaveLength(1)
    expect(portero.output()).toContain('the people table of the organisation is adopted')
  })

  it('knows whom the old bot knew, in any spelling, and not whom it had not seen for too long', async () => {
    expect((await say('+5491112345678', 'Hola')).text).toBe(
      '¡Hola de nuevo, Juan! 👋 ¿En qué te puedo ayudar hoy?',
    )
    expect((await say('+5491187654321', 'Hola')).text).toContain('¡Hola de nuevo, Ana!')
    expect((await say('+5491100000000', 'Hola')).text).toMatch(asks)
    expect((await say('+5491100000001', 'Hola')).text).toMatch(asks)
  })

  it('passes the seed’s four tests, and its SQL shows what they say', async () => {
    const phone = '+5491166660000'
    expect((await say(phone, 'Hola')).text).toMatch(asks)
    expect((await say(phone, '12345678')).text).toBe(
      '¡Perfecto, Juan! Ya te reconocí. ¿En qué te puedo ayudar hoy?',
    )
    expect(await remembered(phone)).toMatchObject([{ usuario_id: juan }])
    expect((await say(phone, 'Hola')).text).toContain('¡Hola de nuevo, Juan! 👋')
    expect((await say(phone, 'olvidar')).text).toContain('He olvidado tu información')
    expect(await remembered(phone)).toEqual([])
    expect((await say(phone, 'Hola')).text).toMatch(asks)
    expect((await say(phone, '23456789')).text).toContain('¡Perfecto, Ana!')
    await database.owner.query(
      `UPDATE telefono_usuario SET ultimo_acceso = NOW() - INTERVAL '35 days' WHERE telefono = '${phone}'`,
    )
    expect((await say(phone, 'Hola')).text).toMatch(asks)
  })

  it('has the web door: a newcomer gets in and is in no table of the organisation', async () => {
    const person = await signInByApi(portero.url, '+5511987650001')
    expect(await database.query('select from usuarios')).toHaveLength(2)
    expect(await database.query('select id from portero.newcomers')).toEqual([{ id: person.personId }])
    const me = await call(`${portero.url}/_portero/api/me`, { headers: { cookie: person.cookie } })
    expect([me.status, me.json.id ?? me.json.user?.id]).toEqual([200, person.personId])
  })

  it('lets somebody of the table in as themselves where their phone is on record, and never by a document alone', async () => {
    const phone = '+5491177770000'
    await say(phone, '12345678')
    expect((await signInByApi(portero.url, phone)).personId).not.toBe(juan)
    const own = '+5491177770001'
    await database.query(
      `insert into portero.phone_people (phone, person_id, belongs) values ($1, $2, 'attested')`,
      [own, ana],
    )
    expect((await signInByApi(portero.url, own)).personId).toBe(ana)
    expect((await say(own, 'Hola')).text).toContain('¡Hola de nuevo, Ana!')
  })

  it('goes on being the old bot’s: what it links is known, what it deletes is forgotten', async () => {
    const bot = new pg.Client({
      connectionString: withAccess(database.url, { user: oldBot.role, password: 'x' }),
    })
    await bot.connect()
    for (let i = 0; i < 2; i += 1) await bot.query(upsert, ['54911 8888-0000', ana])
    expect((await say('+5491188880000', 'Hola')).text).toContain('¡Hola de nuevo, Ana!')
    await bot.query(upsert, ['54911 8888-0000', juan])
    expect((await say('+5491188880000', 'Hola')).text).toContain('¡Hola de nuevo, Juan!')
    await bot.query('DELETE FROM telefono_usuario WHERE telefono = $1', ['54911 8888-0000'])
    expect((await say('+5491188880000', 'Hola')).text).toMatch(asks)
    await bot.query(`UPDATE usuarios SET nombre = 'Anita' WHERE id = '${ana}'`)
    expect((await say('+5491187654321', 'Hola')).text).toContain('¡Hola de nuevo, Anita!')
    await bot.end()
  })

  it('is left as it is by two more starts, one after a crash', async () => {
    const catalog = await database.catalog()
    await database.owner.query(
      `DELETE FROM telefono_usuario WHERE ultimo_acceso < NOW() - INTERVAL '30 days'`,
    )
    const rows = await everyRow()
    await portero.kill9()
    await portero.restart()
    expect(await portero.stop()).toBe(0)
    await portero.restart()
    expect(await database.catalog()).toEqual(catalog)
    expect(await everyRow()).toEqual(rows)
    expect((await say('+5491112345678', 'Hola')).text).toContain('¡Hola de nuevo, Juan!')
  })

  it('was never shut to the old bot, from before the first start to now', () => {
    expect(oldBot.failed).toEqual([])
    expect(oldBot.writes).toBeGreaterThan(100)
  })
})
