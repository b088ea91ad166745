import type pg from 'pg'
import { type PeopleTable, quoted } from './people-table.ts'

/** Makes the people table of the bot's author, under the names and columns that existing bots and queries know. */
export async function makePeopleTable(client: pg.ClientBase): Promise<void> {
  await client.query(`
    create table public.usuarios (
      id uuid primary key default gen_random_uuid(),
      nombre text,
      apellido text,
      dni text unique,
      created_at timestamptz default now()
    )`)
  await close(client, 'public.usuarios')
}

/** Makes the author's other table, where the bot remembers who writes from a phone, beside a people table that is there. */
export async function makeMemoryTable(client: pg.ClientBase, people: PeopleTable): Promise<void> {
  await client.query(`
    create table public.telefono_usuario (
      telefono varchar(20) primary key,
      usuario_id uuid references ${people.sql} (${quoted(people.columns.id)}) on delete cascade,
      ultimo_acceso timestamptz default now(),
      created_at timestamptz default now()
    )`)
  // None on ultimo_acceso: every bot message updates it, and without one the update stays in its page.
  await client.query('create index telefono_usuario_usuario_id on public.telefono_usuario (usuario_id)')
  await close(client, 'public.telefono_usuario')
}

/**
 * Once, when a table is made: an operator who opens it to an older app afterwards has reasons, and keeps it open. Platforms
 * that grant everything by default also grant what row security does not cover.
 */
async function close(client: pg.ClientBase, table: string): Promise<void> {
  await client.query(`alter table ${table} enable row level security`)
  const { rows } = await client.query<{ role: string }>(
    "select quote_ident(rolname) as role from pg_roles where rolname in ('anon', 'authenticated')",
  )
  for (const { role } of rows)
    await client.query(`revoke truncate, references, trigger on ${table} from ${role}`)
}
