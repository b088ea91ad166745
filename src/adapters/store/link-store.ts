import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import type { LinkAnswered, LinkAsked, LinkDecision, LinkStore } from '../../domain/recognition/link-store.ts'
import type { DeclareOutcome } from '../../domain/recognition/recognition-store.ts'
import { call } from './call.ts'
import type { Database } from './open-database.ts'
import { type PersonJson, phonesOfRows, rememberedPerson } from './remembered-person.ts'

type Linked = Extract<DeclareOutcome, { outcome: 'linked' }>

type LinkedRow = { person: PersonJson | null; other_phones: string[]; is_remembered: boolean }

type AskedRow = LinkedRow & {
  outcome: LinkAnswered['outcome']
  is_alarming: boolean
  asked_person: string | null
  delivery_id: string | null
  target: string | null
}

type AnsweredRow = LinkedRow & { outcome: 'linked' | 'wrong_code' | 'no_code' }

type RequestRow = {
  id: string
  phone: string
  is_proof: boolean
  person_id: string
  name: string | null
  at: Date
}

/** Links that take more than a document, in PostgreSQL. `documentProof` is as in `recognitionStore`. */
export function linkStore(database: Database, documentProof: (document: string) => Buffer): LinkStore {
  return {
    async ask(asked) {
      const [row] = await database.rows<AskedRow>(askSql, askValues(asked, documentProof))
      return answeredOf(row!)
    },

    async answer(phone, proofs, isProof) {
      const [row] = await database.rows<AnsweredRow>(answerSql, [
        ...[phone, isProof, proofs.map(({ keyId }) => keyId), proofs.map(({ proof }) => proof), 'bot'],
      ])
      const { outcome } = row!
      return outcome === 'linked' ? linkedOf(row!) : { outcome }
    },

    async listRequests() {
      const rows = await database.rows<RequestRow>(listSql, [])
      const [counted] = await database.rows<{ unmatched: number }>(unmatchedSql, [])
      const requests = rows.map(({ id, phone, is_proof, person_id, name, at }) => ({
        ...{ id, phone: canonicalPhone(phone), isProof: is_proof, at },
        person: { id: person_id, name: name ?? undefined },
      }))
      return { requests, unmatched: counted!.unmatched }
    },

    async decideRequest(id, isApproved) {
      const [row] = await database.rows<{ outcome: LinkDecision; phone: string | null }>(
        'select outcome, phone from portero.decide_link_request($1, $2)',
        [id, isApproved],
      )
      const { outcome, phone } = row!
      return { decision: outcome, phone: phone === null ? undefined : canonicalPhone(phone) }
    },
  }
}

const askSql = call('select * from portero.request_link', 24)
const answerSql = call('select * from portero.answer_link_code', 5)

const waits = `r.state = 'waiting' and r.at > clock_timestamp() - interval '7 days'`

const listSql = `
  select r.id, r.phone, r.is_proof, r.person_id, portero.display_name(u.nombre, u.apellido) as name, r.at
    from portero.link_requests r join portero.everybody u on u.id = r.person_id where ${waits} order by r.at, r.id`

const unmatchedSql = `select count(*)::int as unmatched from portero.link_requests r where r.person_id is null and ${waits}`

function askValues(a: LinkAsked, documentProof: (document: string) => Buffer): unknown[] {
  const typed = 'document' in a.about ? a.about : undefined
  const { code, way } = a
  return [
    ...[a.mode, a.phone, typed?.document, typed && documentProof(typed.document), typed?.documentsADay],
    ...['personId' in a.about ? a.about.personId : undefined, a.isProof, 'bot'],
    ...[code.id, code.salt, code.keyId, code.proof, code.ttlSeconds, code.triesMax],
    ...[way?.channel, way?.provider, a.locale, a.region],
    ...[a.phoneSends.map((b) => b.withinSeconds), a.phoneSends.map((b) => b.max), a.chatSendsPerDay],
    ...[a.chatSendsPerHour, a.strangersWaitSeconds, a.callSeconds],
  ]
}

function answeredOf(row: AskedRow): LinkAnswered {
  const { outcome, is_alarming: isAlarming } = row
  if (outcome === 'linked') return linkedOf(row)
  if (outcome === 'too_many_documents') return { outcome, isAlarming }
  return {
    ...{ outcome, isAlarming, personId: row.asked_person ?? undefined },
    delivery:
      row.delivery_id === null || row.target === null
        ? undefined
        : { id: row.delivery_id, to: canonicalPhone(row.target) },
  }
}

function linkedOf({ person, other_phones, is_remembered }: LinkedRow): Linked {
  return {
    outcome: 'linked',
    person: rememberedPerson(person!),
    otherPhones: phonesOfRows(other_phones),
    isRemembered: is_remembered,
  }
}
