import type { Database } from './open-database.ts'

/** For how long each kind of row is kept. */
const keep = { challengeHours: 48, deliveryDays: 90, endedSessionDays: 30, accessLogDays: 190 }

/** Removes what has outlived its keeping; answers whether this process was the one that did. */
export function sweeper(database: Database): () => Promise<boolean> {
  return async () => {
    const [row] = await database.rows<{ did: boolean }>('select portero.sweep($1, $2, $3, $4) as did', [
      keep.challengeHours,
      keep.deliveryDays,
      keep.endedSessionDays,
      keep.accessLogDays,
    ])
    return row!.did
  }
}
