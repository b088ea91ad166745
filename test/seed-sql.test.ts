import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withAccess } from '../src/adapters/postgres/database-url.ts'
import type { Database } from '../src/adapters/store/open-database.ts'
import type { PeopleMapping } from '../src/domain/people/people-config.ts'
import { canonicalPhone } from '../src/domain/phones/phone-number.ts'
import { type BareDatabase, bareDatabase } from './support/bare-database.ts'
import { type TestDatabase, testDatabase } from './support/database.ts'
import { newPhone } from './support/samples.ts'
import { openTestPool, storesOn } from './support/stores.ts'

/** The statements about its two tables in the document of the bot's author, letter for letter. */
const seed = {
  createTable: `CREATE TABLE telefono_usuario (
    telefono VARCHAR(20) PRIMARY KEY,          -- +5491112345678
    usuario_id UUID REFERENCES usuarios(id),    -- UUID del usuario
    ultimo_acceso TIMESTAMP,                    -- Última interacción
    created_at TIMESTAMP                        -- Primera asociación
);`,
  rowSecurity: `-- Verificar que RLS esté configurado
SELECT tablename, rowsecurity 
FROM pg_tables 
WHERE tablename = 'telefono_usuario';`,
  select: `SELECT * FROM telefono_usuario WHERE telefono = '+549...';`,
  age: `UPDATE telefono_usuario 
   SET ultimo_acceso = NOW() - INTERVAL '35 days'
   WHERE telefono = '+549...';`,
  listActive: `-- Ver todas las asociaciones activas
SELECT 
    tu.telefono,
    u.nombre,
    u.apellido,
    tu.ultimo_acceso,
    tu.created_at,
    EXTRACT(DAY FROM (NOW() - tu.ultimo_acceso)) as dias_inactivo
FROM telefono_usuario tu
JOIN usuarios u ON tu.usuario_id = u.id
ORDER BY tu.ultimo_acceso DESC;`,
  sweep: `-- Limpiar asociaciones expiradas (>30 días)
DELETE FROM telefono_usuario 
WHERE ultimo_acceso < NOW() - INTERVAL '30 days';`,
  count: `-- Contar usuarios con auto-login activo
SELECT COUNT(*) as total_auto_login 
FROM telefono_usuario 
WHERE ultimo_acceso > NOW() - INTERVAL '30 days';`,
  disableRowSecurity: `ALTER TABLE telefono_usuario DISABLE ROW LEVEL SECURITY;
-- O configurar política correcta`,
  weeklySweep: `-- Ejecutar semanalmente
DELETE FROM telefono_usuario 
WHERE ultimo_acceso < NOW() - INTERVAL '30 days';`,
}

/** Somebody who is on record in every database here. */
const juan = '00000000-0000-4000-8000-000000000001'

/** What a database is made with before Portero comes, and how its people table is called. */
const kinds: Record<
  string,
  { before: string; people: Partial<PeopleMapping>; table: string; rowSecurity: boolean }
> = {
  'that Portero made': {
    ...{ before: '', people: {}, table: 'usuarios', rowSecurity: true },
  },
  'that the seed’s own SQL made, with rows': {
    before: `CREATE TABLE usuarios (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), nombre text, apellido text, dni text);
      ${seed.createTable}
      INSERT INTO usuarios VALUES ('${juan}', 'Juan', 'Pérez', '12345678');
      INSERT INTO telefono_usuario VALUES ('+5491199990000', '${juan}', NOW(), NOW());`,
    ...{ people: {}, table: 'usuarios', rowSecurity: false },
  },
  'with numbers in other spellings': {
    before: `CREATE TABLE usuarios (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), nombre text, apellido text, dni bigint);
      CREATE TABLE telefono_usuario (telefono text PRIMARY KEY, usuario_id uuid REFERENCES usuarios, ultimo_acceso timestamptz, created_at timestamptz);
      INSERT INTO usuarios VALUES ('${juan}', 'Juan', 'Pérez', 12345678);
      INSERT INTO telefono_usuario VALUES ('whatsapp:+549 11 9999-0000', '${juan}', NOW(), NOW());
      ALTER TABLE telefono_usuario ENABLE ROW LEVEL SECURITY;`,
    ...{ people: {}, table: 'usuarios', rowSecurity: true },
  },
  'whose people table and columns have other names': {
    before: `CREATE SCHEMA academico;
      CREATE TABLE academico.alumnos (legajo uuid PRIMARY KEY DEFAULT gen_random_uuid(), nombres text, apellidos text, documento text);
      ${seed.createTable.replace('usuarios(id)', 'academico.alumnos(legajo)')}
      INSERT INTO academico.alumnos VALUES ('${juan}', 'Juan', 'Pérez', '12.345.678');
      INSERT INTO telefono_usuario VALUES ('005491199990000', '${juan}', NOW(), NOW());`,
    people: {
      table: 'academico.alumnos',
      columns: { id: 'legajo', first_name: 'nombres', last_name: 'apellidos', document: 'documento' },
    },
    ...{ table: 'academico.alumnos', rowSecurity: false },
  },
}

describe.each(Object.entries(kinds))('every statement of the seed, on a database %s,', (_, kind) => {
  let database: BareDatabase
  let owner: pg.Client
  beforeAll(async () => {
    database = await bareDatabase(kind.before)
    await database.migrate(kind.people)
    // The role that `portero db url` prints, in a session of its own as psql opens one.
    owner = new pg.Client({ connectionString: database.url })
    await owner.connect()
  })
  afterAll(async () => {
    await owner.end()
    await database.close()
  })

  test('gives what it says, and the bot knows people by the same rows', async () => {
    expect((await owner.query(seed.rowSecurity)).rows).toEqual([
      { tablename: 'telefono_usuario', rowsecurity: kind.rowSecurity },
    ])
    if (kind.before === '') {
      await owner.query(`INSERT INTO usuarios VALUES ('${juan}', 'Juan', 'Pérez', '12345678')`)
      await owner.query(`INSERT INTO telefono_usuario VALUES ('+5491199990000', '${juan}', NOW(), NOW())`)
    }
    const pool = openTestPool(database.url)
    const { recognitionStore } = storesOn(pool)
    expect((await recognitionStore.recognise(canonicalPhone('+5491199990000'))).person).toMatchObject({
      ...{ id: juan, name: 'Juan Pérez', firstName: 'Juan' },
    })
    await recognitionStore.declare(
      canonicalPhone('+5491199990001'),
      '12345678',
      { documentsADay: 5, peopleMax: 5 },
      { origin: 'chat', isProof: true },
    )
    await pool.close()

    await owner.query(
      `INSERT INTO telefono_usuario (telefono, usuario_id, ultimo_acceso, created_at) VALUES ('+549...', '${juan}', NOW(), NOW())`,
    )
    expect((await owner.query(seed.select)).rows).toMatchObject([
      {
        telefono: '+549...',
        usuario_id: juan,
        ultimo_acceso: expect.any(Date),
        created_at: expect.any(Date),
      },
    ])
    expect((await owner.query(seed.count)).rows).toEqual([{ total_auto_login: '3' }])
    expect((await owner.query(seed.age)).rowCount).toBe(1)
    const listActive = seed.listActive.replace(
      'JOIN usuarios u ON tu.usuario_id = u.id',
      kind.table === 'usuarios'
        ? '$&'
        : 'JOIN (SELECT legajo AS id, nombres AS nombre, apellidos AS apellido FROM academico.alumnos) u ON tu.usuario_id = u.id',
    )
    expect((await owner.query(listActive)).rows).toMatchObject([
      { telefono: '+5491199990001', nombre: 'Juan', apellido: 'Pérez', dias_inactivo: '0' },
      { nombre: 'Juan', apellido: 'Pérez', dias_inactivo: '0' },
      { telefono: '+549...', nombre: 'Juan', apellido: 'Pérez', dias_inactivo: '35' },
    ])
    expect((await owner.query(seed.count)).rows).toEqual([{ total_auto_login: '2' }])
    expect((await owner.query(seed.sweep)).rowCount).toBe(1)
    expect((await owner.query(seed.weeklySweep)).rowCount).toBe(0)
    expect((await owner.query(seed.select)).rows).toEqual([])
    const id = kind.table === 'usuarios' ? 'id' : 'legajo'
    await owner.query(`DELETE FROM ${kind.table} WHERE ${id} = '${juan}'`)
    expect((await owner.query('SELECT FROM telefono_usuario')).rowCount).toBe(0)
    await owner.query(seed.disableRowSecurity)
    expect((await owner.query(seed.rowSecurity)).rows).toMatchObject([{ rowsecurity: false }])
  })
})

test('the CREATE TABLE of the seed runs on a database that has no such table yet', async () => {
  const bare = await bareDatabase(
    'CREATE TABLE usuarios (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), nombre text, apellido text, dni text)',
  )
  try {
    await bare.owner.query(seed.createTable)
    expect((await bare.owner.query(seed.select)).rows).toEqual([])
  } finally {
    await bare.close()
  }
})

let database: TestDatabase
let owner: pg.Client
beforeAll(async () => {
  database = await testDatabase()
  owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
})
afterAll(async () => {
  await owner.end()
  await database.close()
})

describe('beside the bot’s memory, on the same rows', () => {
  let pool: Database
  beforeAll(() => {
    pool = openTestPool(database.url)
  })
  afterAll(() => pool.close())

  const phone = canonicalPhone('+5491112345678')
  const limits = { documentsADay: 5, peopleMax: 5 }
  /** The seed leaves the end of the number out. */
  const withPhone = (statement: string) => statement.replace('+549...', phone)

  test('the seed’s four tests give what they say, looked at and moved by its own SQL', async () => {
    const { recognitionStore } = storesOn(pool)
    const declare = () =>
      recognitionStore.declare(phone, '23456789', limits, { origin: 'chat', isProof: true })
    const isKnown = async () => (await recognitionStore.recognise(phone)).person?.firstName === 'Juan'
    const rows = async () => (await owner.query(withPhone(seed.select))).rowCount
    const { rows: people } = await owner.query<{ id: string }>(
      `INSERT INTO usuarios (nombre, apellido, dni) VALUES ('Juan', 'Pérez', '23.456.789') RETURNING id`,
    )

    expect([await isKnown(), await rows()]).toEqual([false, 0])
    expect(await declare()).toMatchObject({ outcome: 'linked' })
    expect((await owner.query(withPhone(seed.select))).rows).toMatchObject([
      { telefono: phone, usuario_id: people[0]!.id },
    ])
    expect(await isKnown()).toBe(true)
    expect((await owner.query(seed.count)).rows).toEqual([{ total_auto_login: '1' }])
    expect((await owner.query(seed.listActive)).rows).toMatchObject([{ telefono: phone, dias_inactivo: '0' }])

    expect(await recognitionStore.forget(phone, 'everybody')).toBe(1)
    expect([await isKnown(), await rows()]).toEqual([false, 0])

    await declare()
    expect((await owner.query(withPhone(seed.age))).rowCount).toBe(1)
    expect(await recognitionStore.recognise(phone)).toMatchObject({ person: undefined, lost: 'expired' })
    expect((await owner.query(seed.count)).rows).toEqual([{ total_auto_login: '0' }])
    expect(await rows()).toBe(1)

    expect((await owner.query(seed.sweep)).rowCount).toBe(1)
    expect(await recognitionStore.recognise(phone)).toMatchObject({ person: undefined, lost: undefined })
    await declare()
    await owner.query(withPhone(seed.age))
    expect(await recognitionStore.sweepMemories()).toBe(1)
    expect((await owner.query(seed.weeklySweep)).rowCount).toBe(0)
    await declare()
    await owner.query('DELETE FROM usuarios WHERE id = $1', [people[0]!.id])
    expect([await isKnown(), await rows()]).toEqual([false, 0])
  })

  test('an older bot that knows only the two tables goes on writing there, under a role of its own', async () => {
    const { recognitionStore } = storesOn(pool)
    const role = `old_bot_${newPhone().slice(-8)}`
    await database.query(`create role ${role} login password 'x'`)
    for (const table of ['usuarios', 'telefono_usuario']) {
      await database.query(`grant select, insert, update, delete on public.${table} to ${role}`)
      await database.query(
        `create policy old_bot on public.${table} to ${role} using (true) with check (true)`,
      )
    }
    const bot = new pg.Client({ connectionString: withAccess(database.url, { user: role, password: 'x' }) })
    await bot.connect()
    try {
      const { rows } = await bot.query<{ id: string }>(
        `INSERT INTO usuarios (nombre, dni) VALUES ('Ana', '34.567.890') RETURNING id`,
      )
      const upsert = `INSERT INTO telefono_usuario (telefono, usuario_id, ultimo_acceso, created_at) VALUES ($1, $2, NOW(), NOW())
        ON CONFLICT (telefono) DO UPDATE SET usuario_id = EXCLUDED.usuario_id, ultimo_acceso = EXCLUDED.ultimo_acceso`
      const spelled = '549 11 8765-4321'
      const other = canonicalPhone('+5491187654321')
      for (let i = 0; i < 2; i += 1) await bot.query(upsert, [spelled, rows[0]!.id])
      expect(await recognitionStore.recognise(other)).toMatchObject({
        person: { id: rows[0]!.id, firstName: 'Ana' },
      })

      const { rows: more } = await bot.query<{ id: string }>(
        `INSERT INTO usuarios (nombre, dni) VALUES ('Eva', '45678901') RETURNING id`,
      )
      await Promise.all([
        recognitionStore.declare(other, '34567890', limits, { origin: 'chat', isProof: true }),
        bot.query(upsert, [spelled, more[0]!.id]),
      ])
      await bot.query(upsert, [spelled, more[0]!.id])
      expect(await recognitionStore.recognise(other)).toMatchObject({ person: { id: more[0]!.id } })
      await bot.query(`UPDATE usuarios SET dni = 'DNI 45.678.901' WHERE id = $1`, [more[0]!.id])
      expect(
        await recognitionStore.declare(canonicalPhone('+5491187654322'), '45678901', limits, {
          ...{ origin: 'chat', isProof: true },
        }),
      ).toMatchObject({ outcome: 'linked', otherPhones: [other] })
      await bot.query('DELETE FROM telefono_usuario WHERE telefono = $1', [spelled])
      expect(await recognitionStore.recognise(other)).toMatchObject({ person: undefined, lost: undefined })
    } finally {
      await bot.end()
      await database.query(`drop owned by ${role}`)
      await database.query(`drop role ${role}`)
    }
  })
})
