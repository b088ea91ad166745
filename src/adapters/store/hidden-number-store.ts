import type { HiddenNumbers } from '../../domain/chat/hidden-numbers.ts'
import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import type { Database } from './open-database.ts'

/** The shared numbers of those who hide them, in PostgreSQL. What we asked for stands in the outbox. */
export function hiddenNumberStore(database: Database): HiddenNumbers {
  return {
    async share({ channel, userId, address, requestId, phone, at }) {
      const [row] = await database.rows<{ done: boolean }>(shareSql, [
        ...[channel, userId, address, requestId, phone, at],
      ])
      return row!.done
    },
    async find(channel, userId) {
      const [row] = await database.rows<{ phone: string }>(findSql, [channel, userId])
      return row && canonicalPhone(row.phone)
    },
  }
}

const shareSql = 'select portero.share_number($1, $2, $3, $4, $5, $6) as done'
const findSql = 'select phone from portero.hidden_numbers where channel = $1 and user_id = $2'
