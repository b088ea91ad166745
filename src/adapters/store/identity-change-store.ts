import type { IdentityChanges } from '../../domain/chat/identity-changes.ts'
import type { Database } from './open-database.ts'

/** What is done about changed accounts, in PostgreSQL: heeding one and noting that it was are one step. */
export function identityChangeStore(database: Database): IdentityChanges {
  return {
    async heed({ channel, id, kind, before, after }) {
      const phone = before.phone ?? (kind === 'number' ? undefined : after.phone)
      const userId = before.userId ?? (kind === 'registration' ? after.userId : undefined)
      const [row] = await database.rows<{ forgotten: number | null }>(heedSql, [
        ...[channel, id, phone ?? null, userId ?? null, kind !== 'registration'],
      ])
      return row?.forgotten ?? undefined
    },
  }
}

const heedSql = 'select portero.heed_identity_change($1, $2, $3, $4, $5) as forgotten'
