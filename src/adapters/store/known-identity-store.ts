import type { KnownIdentities } from '../../domain/chat/known-identities.ts'
import type { Database } from './open-database.ts'

/** What channels called whoever has a phone, in PostgreSQL. */
export function knownIdentityStore(database: Database): KnownIdentities {
  return {
    async note({ channel, phone, userId, identityHash, at }) {
      const [row] = await database.rows<{ forgotten: number | null }>(noteSql, [
        ...[channel, phone, userId ?? null, identityHash ?? null, at],
      ])
      return row?.forgotten ?? undefined
    },
  }
}

const noteSql = 'select portero.note_identity($1, $2, $3, $4, $5) as forgotten'
