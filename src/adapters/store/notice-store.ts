import type { Notice, NoticeStore } from '../../domain/notices/notice-store.ts'
import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import { firstNameOf } from '../../domain/recognition/first-name.ts'
import type { Database } from './open-database.ts'

type NoticeRow = {
  id: string
  kind: Notice['kind']
  person_id: string
  phone: string
  nombre: string | null
  started_at: Date
  address: string | null
  user_agent: string | null
  nonce: string
  attempts: number
  is_silenced: boolean
  paid_lately: number
}

type DisownedRow = { person_id: string | null; is_first: boolean; ended: string[] }

/** Notices in PostgreSQL: what decides is in the functions of migration 0022. */
export function noticeStore(database: Database): NoticeStore {
  return {
    async take(token, seconds, channels) {
      const [row] = await database.rows<NoticeRow>('select * from portero.take_notice($1, $2, $3)', [
        ...[token, seconds, channels],
      ])
      return row && noticeOf(row)
    },

    async sayInChat(id, token, chatKey, reply) {
      const [row] = await database.rows<{ done: boolean }>(
        'select portero.say_session_notice($1, $2, $3, $4) as done',
        [id, token, chatKey, JSON.stringify(reply)],
      )
      return row!.done
    },

    async settle(id, token, outcome) {
      if ('told' in outcome) await database.rows(toldSql, [id, token, outcome.told])
      else await database.rows(againSql, [id, token, Math.ceil(outcome.againInSeconds)])
    },

    async hold(id, token, channels) {
      await database.rows('select portero.hold_session_notice($1, $2, $3)', [id, token, channels])
    },

    async disown({ phone, nonce }, stopSeconds) {
      const [row] = await database.rows<DisownedRow>('select * from portero.disown_session($1, $2, $3)', [
        ...[phone, nonce ?? null, stopSeconds],
      ])
      if (row?.person_id == null) return undefined
      return { personId: row.person_id, isFirst: row.is_first, sessionIds: row.ended }
    },

    async readPersonTold(phone) {
      const [row] = await database.rows<{ id: string | null }>('select portero.person_told($1) as id', [
        phone,
      ])
      return row?.id ?? undefined
    },

    async readSessionTold(phone) {
      const [row] = await database.rows<{ nonce: string | null }>(
        'select portero.session_told($1) as nonce',
        [phone],
      )
      return row?.nonce ?? undefined
    },
  }
}

function noticeOf(row: NoticeRow): Notice {
  const { id, attempts, is_silenced: isSilenced, person_id: personId, paid_lately: paidLately } = row
  const told = { id, attempts, isSilenced, phone: canonicalPhone(row.phone) }
  if (row.kind === 'document')
    return { ...told, kind: 'document', personId, paidLately, typedAt: row.started_at }
  return {
    ...told,
    kind: 'session',
    firstName: firstNameOf(row.nombre),
    startedAt: row.started_at,
    address: row.address ?? undefined,
    userAgent: row.user_agent ?? undefined,
    nonce: row.nonce,
  }
}

const toldSql = `
  update portero.session_notices
     set told_by = $3, told_at = case when $3 <> 'nobody' then clock_timestamp() end, due_at = null, lease_token = null
   where id = $1 and lease_token = $2 and due_at is not null`

const againSql = `
  update portero.session_notices
     set due_at = clock_timestamp() + make_interval(secs => $3::int), lease_token = null
   where id = $1 and lease_token = $2 and due_at is not null`
