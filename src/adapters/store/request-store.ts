import type { OpenRequest, RequestKind, RequestStore } from '../../domain/chat/request-store.ts'
import type { Level } from '../../domain/people/person.ts'
import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import type { Database } from './open-database.ts'

type Row = {
  id: string
  kind: RequestKind
  phone: string | null
  person_id: string | null
  level: Level | null
  asked_at: Date
  until: Date | null
}

/** What people asked of the organisation, in PostgreSQL. */
export function requestStore(database: Database): RequestStore {
  return {
    async listOpen() {
      return (await database.rows<Row>(openSql, [])).map(openRequest)
    },

    async settle(id) {
      const [row] = await database.rows<{ outcome: Awaited<ReturnType<RequestStore['settle']>> }>(
        'select portero.settle_request($1) as outcome',
        [id],
      )
      return row!.outcome
    },

    async giveBack(phone) {
      const [row] = await database.rows<{ given: number }>(giveBackSql, [phone])
      return row!.given
    },
  }
}

function openRequest({ id, kind, phone, person_id, level, asked_at, until }: Row): OpenRequest {
  return {
    ...{ id, kind, askedAt: asked_at },
    phone: phone === null ? undefined : canonicalPhone(phone),
    personId: person_id ?? undefined,
    level: level ?? undefined,
    until: until ?? undefined,
  }
}

const openSql = `
  select id, kind, phone, person_id, level, asked_at, until from portero.requests
   where settled_at is null and (until is null or until > now()) order by asked_at, id`

// Where a channel hides the number, the chat is called by an id.
const giveBackSql = `
  select portero.give_back_chats(array(
    select c.chat_key from portero.chats c
     where c.chat_key like '%:' || $1
        or c.chat_key in (select h.channel || ':' || h.user_id from portero.hidden_numbers h where h.phone = $1))) as given`
