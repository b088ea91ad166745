import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import type { DeclareLimits, DeclareOutcome } from '../../src/domain/recognition/recognition-store.ts'
import type { Stores } from './stores.ts'

/** The limits that the bot has when nobody sets others. */
export const usualLimits: DeclareLimits = { documentsADay: 5, peopleMax: 5 }

/** A document that no other test has. */
export function newDocument(): string {
  return String(10_000_000 + (randomBytes(4).readUInt32BE() % 80_000_000))
}

/** Stores for the tests of one contract about the bot's memory, opened and closed around them, and what those tests do all the time. */
export function memoryHouse(open: () => Promise<Stores>) {
  let stores: Stores
  beforeAll(async () => {
    stores = await open()
  })
  afterAll(() => stores.close(), 60_000)

  return {
    get stores() {
      return stores
    },
    recognition: () => stores.recognitionStore,
    /** As somebody who types it into a chat that proves the number. */
    declare: (
      phone: PhoneNumber,
      document: string,
      over: Partial<DeclareLimits> = {},
    ): Promise<DeclareOutcome> =>
      stores.recognitionStore.declare(
        phone,
        document,
        { ...usualLimits, ...over },
        { origin: 'chat', isProof: true },
      ),
    /** Puts somebody into the people table, with a document. */
    async person(nombre: string | null = 'Juan', dni = newDocument()) {
      const [row] = await stores.query<{ id: string }>(
        'insert into public.usuarios (nombre, apellido, dni) values ($1, $2, $3) returning id',
        [nombre, nombre && 'Pérez', dni],
      )
      return { id: row!.id, document: dni }
    },
    memoryOf: (phone: PhoneNumber) =>
      stores.query('select usuario_id from public.telefono_usuario where telefono = $1', [phone]),
    /** Moves the last use of a phone's memory into the past, as time would. */
    ageBy: (phone: PhoneNumber, days: number) =>
      stores.query(
        `update public.telefono_usuario set ultimo_acceso = now() - $2 * interval '1 day' where telefono = $1`,
        [phone, days],
      ),
    /** What stands in the access log about a phone, as `event outcome`. */
    async logOf(phone: PhoneNumber) {
      const rows = await stores.query<{ line: string }>(
        `select event || ' ' || outcome as line from portero.access_log where phone = $1 order by id`,
        [phone],
      )
      return rows.map(({ line }) => line)
    },
  }
}
