import { sql } from 'kysely'
import type { ApiKey, ApiKeyStore, Scope } from '../../domain/access/api-key-store.ts'
import type { Database } from './open-database.ts'

type KeyRow = {
  id: string
  name: string
  scopes: string[]
  created_at: Date
  last_used_at: Date | null
  revoked_at: Date | null
}

const columns = ['id', 'name', 'scopes', 'created_at', 'last_used_at', 'revoked_at'] as const

/** The API keys in PostgreSQL. */
export function apiKeyStore(database: Database): ApiKeyStore {
  const { tables } = database
  return {
    async addKey({ name, scopes, secretHash }) {
      const row = await database.run(() =>
        tables
          .insertInto('portero.api_keys')
          .values({ name, scopes: [...scopes], secret_hash: secretHash })
          .returning(columns)
          .executeTakeFirstOrThrow(),
      )
      return apiKey(row)
    },

    async listKeys() {
      const rows = await database.run(() =>
        tables.selectFrom('portero.api_keys').select(columns).orderBy('created_at').execute(),
      )
      return rows.map(apiKey)
    },

    async revokeKey(id) {
      const rows = await database.run(() =>
        tables
          .updateTable('portero.api_keys')
          .set({ revoked_at: sql<Date>`clock_timestamp()` })
          .where('id', '=', id)
          .where('revoked_at', 'is', null)
          .returning('id')
          .execute(),
      )
      return rows.length === 1
    },

    async findKey(secretHash) {
      const [row] = await database.rows<KeyRow>(findSql, [secretHash])
      return row && apiKey(row)
    },
  }
}

function apiKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes as Scope[],
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
    isRevoked: row.revoked_at !== null,
  }
}

const findSql = `
  with used as (
    update portero.api_keys set last_used_at = clock_timestamp()
     where secret_hash = $1 and revoked_at is null
       and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute'))
  select id, name, scopes, created_at, last_used_at, revoked_at from portero.api_keys
   where secret_hash = $1 and revoked_at is null`
