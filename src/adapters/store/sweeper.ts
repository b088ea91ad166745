import type { Database } from './open-database.ts'

/** For how long each kind of row is kept. */
const keep = { challengeHours: 48, deliveryDays: 90, endedSessionDays: 30, accessLogDays: 190 }
const keepOfChats = { messageIdDays: 8, historyHours: 24, quietChatDays: 190, settledRequestDays: 190 }

/** Rows of each table in one statement: few enough for the time limit that every statement has. */
const batch = 2000

/** Removes what has outlived its keeping, a little at a time; answers whether this process was the one that did. */
export function sweeper(database: Database): () => Promise<boolean> {
  return async () => {
    for (;;) {
      const [row] = await database.rows<{ has_more: boolean | null }>(
        'select portero.sweep($1, $2, $3, $4, $5) as has_more',
        [keep.challengeHours, keep.deliveryDays, keep.endedSessionDays, keep.accessLogDays, batch],
      )
      if (row!.has_more === null) return false
      const [chats] = await database.rows<{ has_more: boolean }>(
        'select portero.sweep_chats($1, $2, $3, $4) as has_more',
        [keepOfChats.messageIdDays, keepOfChats.historyHours, keepOfChats.quietChatDays, batch],
      )
      const [requests] = await database.rows<{ has_more: boolean }>(
        'select portero.sweep_requests($1, $2) as has_more',
        [keepOfChats.settledRequestDays, batch],
      )
      if (!row!.has_more && !chats!.has_more && !requests!.has_more) return true
    }
  }
}
