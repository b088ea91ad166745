import { firstNameOf } from '../../domain/recognition/first-name.ts'
import type {
  DeclareOutcome,
  DisownOutcome,
  LinkOrigin,
  LinkOutcome,
  Recognition,
  RecognitionStore,
} from '../../domain/recognition/recognition-store.ts'
import type { Database } from './open-database.ts'
import { type PersonJson, phonesOfRows, rememberedPerson } from './remembered-person.ts'

type RecognitionRow = {
  person: PersonJson | null
  lost: 'expired' | 'gone' | null
  is_blocked: boolean
  is_shared: boolean
  others: PersonJson[]
}

type DeclareRow = {
  outcome: DeclareOutcome['outcome']
  person: PersonJson | null
  other_phones: string[]
  is_remembered: boolean
  is_alarming: boolean
}

/** Rows that one statement of the sweep looks at. */
const batch = 2000

const nobody = '00000000-0000-0000-0000-000000000000'

/**
 * The bot's memory in PostgreSQL, on the two tables of the bot's author. `documentProof` makes the keyed digest by which the documents
 * that a phone tried are told apart, so that none is kept.
 */
export function recognitionStore(
  database: Database,
  documentProof: (document: string) => Buffer,
): RecognitionStore {
  return {
    async recognise(phone, { note = 'always', origin = 'chat', isProof = true } = {}) {
      const [row] = await database.rows<RecognitionRow>(
        'select person, lost, is_blocked, is_shared, others from portero.recognise_phone($1, $2, $3, $4)',
        [phone, note, doorOf(origin), isProof],
      )
      return recognitionOf(row!)
    },

    async declare(phone, document, limits, { origin, isProof }) {
      const [row] = await database.rows<DeclareRow>(
        'select outcome, person, other_phones, is_remembered, is_alarming from portero.declare_document($1, $2, $3, $4, $5, $6, $7)',
        [
          ...[phone, document, documentProof(document), limits.documentsADay, limits.peopleMax],
          ...[doorOf(origin), isProof],
        ],
      )
      return declareOutcomeOf(row!)
    },

    async chooseOther(phone, personId, isProof = true) {
      const [row] = await database.rows<{ is_done: boolean }>(
        'select portero.choose_other($1, $2, $3, $4) as is_done',
        [phone, personId, doorOf('chat'), isProof],
      )
      return row!.is_done
    },

    async forget(phone, who, origin = 'chat', isProof = true) {
      const personId = who === 'everybody' ? null : who === 'unproved' ? nobody : who.personId
      const [row] = await database.rows<{ forgotten: number }>(
        'select portero.forget_phone($1, $2, $3, $4) as forgotten',
        [phone, personId, doorOf(origin), isProof],
      )
      return row!.forgotten
    },

    async link(phone, personId, belongs, origin) {
      const [row] = await database.rows<{ outcome: LinkOutcome }>(
        'select portero.link_phone($1, $2, $3, $4) as outcome',
        [phone, personId, belongs, doorOf(origin)],
      )
      return row!.outcome
    },

    async disown(phone, personId) {
      const [row] = await database.rows<{ outcome: DisownOutcome['outcome']; phones: string[] }>(
        'select outcome, phones from portero.disown($1, $2, $3)',
        [phone, personId, doorOf('chat')],
      )
      const { outcome, phones } = row!
      return outcome === 'unlinked' ? { outcome, phones: phonesOfRows(phones) } : { outcome }
    },

    async touch(phone) {
      const [row] = await database.rows<{ is_seen: boolean }>('select portero.touch_phone($1) as is_seen', [
        phone,
      ])
      return row!.is_seen
    },

    async readPerson(personId) {
      const [row] = await database.rows<{ id: string; name: string | null; nombre: string | null }>(
        `select u.id, portero.display_name(u.nombre, u.apellido) as name, left(u.nombre, 80) as nombre
           from portero.everybody u left join portero.people p on p.id = u.id
          where u.id = $1 and coalesce(p.state, 'active') = 'active'`,
        [personId],
      )
      return row && { id: row.id, name: row.name ?? undefined, firstName: firstNameOf(row.nombre) }
    },

    async setDays(personId, days) {
      await database.rows(
        `insert into portero.people (id, memory_days) values ($1, $2)
           on conflict (id) do update set memory_days = excluded.memory_days`,
        [personId, days ?? null],
      )
    },

    async setUsual({ rememberDays, idleLinkDays }) {
      await database.rows(
        `update portero.settings set remember_days = $1, idle_link_days = $2
          where (remember_days, idle_link_days) is distinct from ($1, $2)`,
        [rememberDays, idleLinkDays],
      )
    },

    async setShared(phone, isShared) {
      await database.rows('select portero.set_shared($1, $2)', [phone, isShared])
    },

    async sweepMemories() {
      const removed = await sweepExpired(database)
      await sweepDeclared(database)
      return removed
    },
  }
}

async function sweepExpired(database: Database): Promise<number> {
  let removed = 0
  for (let after: string | null = ''; after !== null; ) {
    const rows: { stopped_at: string | null; removed: number }[] = await database.rows(
      'select stopped_at, removed from portero.sweep_memories($1, $2)',
      [after, batch],
    )
    removed += rows[0]!.removed
    after = rows[0]!.stopped_at
  }
  return removed
}

async function sweepDeclared(database: Database): Promise<void> {
  for (let after: [string, string] | undefined = ['', nobody]; after !== undefined; ) {
    const rows: { last_phone: string | null; last_person: string | null }[] = await database.rows(
      'select last_phone, last_person from portero.sweep_declared($1, $2, $3)',
      [...after, batch],
    )
    const { last_phone, last_person } = rows[0]!
    after = last_phone === null ? undefined : [last_phone, last_person!]
  }
}

function doorOf(origin: LinkOrigin): string {
  return origin === 'chat' ? 'bot' : 'api'
}

function recognitionOf(row: RecognitionRow): Recognition {
  return {
    person: row.person === null ? undefined : rememberedPerson(row.person),
    lost: row.lost ?? undefined,
    isBlocked: row.is_blocked,
    isShared: row.is_shared,
    others: row.others.map(rememberedPerson),
  }
}

function declareOutcomeOf(row: DeclareRow): DeclareOutcome {
  const { outcome, is_alarming } = row
  if (outcome !== 'linked') return { outcome, isAlarming: is_alarming }
  return {
    outcome,
    person: rememberedPerson(row.person!),
    otherPhones: phonesOfRows(row.other_phones),
    isRemembered: row.is_remembered,
  }
}
