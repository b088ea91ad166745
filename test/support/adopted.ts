import { afterEach } from 'vitest'
import type { PeopleMapping } from '../../src/domain/people/people-config.ts'
import { authorsPeople, authorsTable, type BareDatabase, bareDatabase } from './bare-database.ts'
import { challengeAnswer, challengeRequest, newPhone } from './samples.ts'
import { openTestPool, storesOn } from './stores.ts'

/** What the tests of one file about adopted databases opened, closed again after each. */
export const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (let close = opened.pop(); close !== undefined; close = opened.pop()) await close()
})

/** A database in which Portero never was, with `sql` run in it. */
export async function bare(sql?: string): Promise<BareDatabase> {
  const database = await bareDatabase(sql)
  opened.push(database.close)
  return database
}

/** The stores on it, over a pool of their own. */
export function storesAt(database: BareDatabase) {
  const pool = openTestPool(database.url)
  opened.push(() => pool.close())
  return storesOn(pool)
}

/** Two people who are in every people table here. */
export const person = '00000000-0000-4000-8000-000000000001'
export const other = '00000000-0000-4000-8000-000000000002'
/** What the SQL of the bot’s author makes, with people and one memory. */
export const authors = `${authorsPeople} ${authorsTable}
  insert into usuarios values ('${person}', 'Juan', 'Pérez', '12.345.678'), ('${other}', 'Ana', 'Souza', '23456789');
  insert into telefono_usuario values ('+5491112345678', '${person}', now(), now());`

/** People under names of their own: one column for the whole name, documents as numbers, and those who left still there. */
export const students = `create schema academico;
  create table academico."Alumnos" (legajo uuid primary key, nombre_completo varchar(30), "Documento" bigint, estado text);
  insert into academico."Alumnos" values ('${person}', 'Juan Pérez', 12345678, 'regular'), ('${other}', 'Ana Souza', 23456789, 'baja');
  ${authorsTable.replace('usuarios(id)', 'academico."Alumnos"(legajo)')}`
/** How those are called in the configuration. */
export const ofStudents: Partial<PeopleMapping> = {
  table: 'academico.Alumnos',
  columns: { id: 'legajo', first_name: 'nombre_completo', last_name: '-', document: 'Documento' },
  active_column: 'estado',
  active_values: ['regular', "o'x"],
}

type Stores = ReturnType<typeof storesAt>
/** Types a document into the chat of a phone. */
export const declare = (stores: Stores, phone: ReturnType<typeof newPhone>, document: string) =>
  stores.recognitionStore.declare(
    phone,
    document,
    { documentsADay: 5, peopleMax: 5 },
    { origin: 'chat', isProof: true },
  )

/** Signs a phone in, where its person may come in. */
export async function signIn(stores: Stores, phone = newPhone(), admission: 'open' | 'known' = 'open') {
  const asked = await stores.challengeStore.requestChallenge(challengeRequest(phone))
  if (asked.outcome === 'refused') throw new Error('refused')
  return stores.challengeStore.verifyChallenge(challengeAnswer(phone, asked.seed.challengeId, { admission }))
}

/** The session of a phone that signs in. */
export async function signedIn(stores: Stores, phone = newPhone()) {
  const verified = await signIn(stores, phone)
  if (verified.outcome !== 'signed_in') throw new Error(verified.outcome)
  return verified.session
}
