import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withAccess } from '../src/adapters/postgres/database-url.ts'
import { type TestDatabase, testDatabase } from './support/database.ts'
import { newPhone } from './support/samples.ts'

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

describe('every statement of the seed runs on the database that Portero made, as its owner', () => {
  test('and gives what it says', async () => {
    expect((await owner.query(seed.rowSecurity)).rows).toEqual([
      { tablename: 'telefono_usuario', rowsecurity: true },
    ])
    const { rows } = await owner.query<{ id: string }>(
      `INSERT INTO usuarios (nombre, apellido, dni) VALUES ('Juan', 'Pérez', '12345678') RETURNING id`,
    )
    await owner.query(
      `INSERT INTO telefono_usuario (telefono, usuario_id) VALUES ('+549...', $1), ('+5491100000000', $1)`,
      [rows[0]!.id],
    )
    expect((await owner.query(seed.select)).rows).toMatchObject([
      {
        telefono: '+549...',
        usuario_id: rows[0]!.id,
        ultimo_acceso: expect.any(Date),
        created_at: expect.any(Date),
      },
    ])
    expect((await owner.query(seed.count)).rows).toEqual([{ total_auto_login: '2' }])
    expect((await owner.query(seed.age)).rowCount).toBe(1)
    expect((await owner.query(seed.listActive)).rows).toMatchObject([
      { telefono: '+5491100000000', nombre: 'Juan', apellido: 'Pérez', dias_inactivo: '0' },
      { telefono: '+549...', nombre: 'Juan', apellido: 'Pérez', dias_inactivo: '35' },
    ])
    expect((await owner.query(seed.count)).rows).toEqual([{ total_auto_login: '1' }])
    expect((await owner.query(seed.sweep)).rowCount).toBe(1)
    expect((await owner.query(seed.weeklySweep)).rowCount).toBe(0)
    expect((await owner.query(seed.select)).rows).toEqual([])
    await owner.query('DELETE FROM usuarios WHERE id = $1', [rows[0]!.id])
    expect((await owner.query('SELECT FROM telefono_usuario')).rowCount).toBe(0)
    await owner.query(seed.disableRowSecurity)
    expect((await owner.query(seed.rowSecurity)).rows).toMatchObject([{ rowsecurity: false }])
  })

  test('the CREATE TABLE too, on a database that has no such table yet', async () => {
    const name = `seed_${newPhone().slice(-6)}`
    await database.query(`create database ${name} owner portero`)
    const bare = new pg.Client({ connectionString: withAccess(database.url, { database: name }) })
    await bare.connect()
    try {
      await bare.query(
        'CREATE TABLE usuarios (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), nombre text, apellido text, dni text)',
      )
      await bare.query(seed.createTable)
      expect((await bare.query(seed.select)).rows).toEqual([])
    } finally {
      await bare.end()
      await database.query(`drop database ${name} with (force)`)
    }
  })
})
