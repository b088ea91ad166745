import type { Database } from './open-database.ts'

/** For how long each kind of row is kept; the access log for 190 days, as the database has it. */
const keep = {
  ...{ challengeHours: 48, deliveryDays: 90, endedSessionDays: 30 },
  ...{ messageIdDays: 8, historyHours: 24, quietChatDays: 190, settledRequestDays: 190 },
  ...{ noticeDays: 30, eventDays: 8 },
}

/** Rows of each table in one statement: few enough for the time limit that every statement has. */
const batch = 2000

/** What is swept when this replica is the one that sweeps. Each answers whether there may be more. */
const sweeps: readonly { readonly call: string; readonly values: readonly number[] }[] = [
  {
    call: 'portero.sweep_chats($2, $3, $4, $1)',
    values: [keep.messageIdDays, keep.historyHours, keep.quietChatDays],
  },
  { call: 'portero.sweep_requests($2, $1)', values: [keep.settledRequestDays] },
  { call: 'portero.sweep_first_contact($1)', values: [] },
  { call: 'portero.sweep_identities($2, $1)', values: [keep.quietChatDays] },
  { call: 'portero.sweep_sign_ins($2, $1)', values: [keep.challengeHours] },
  { call: 'portero.sweep_session_notices($2, $1)', values: [keep.noticeDays] },
  { call: 'portero.sweep_events($2, $1)', values: [keep.eventDays] },
]

/** Removes what has outlived its keeping, a little at a time; answers whether this process was the one that did. */
export function sweeper(database: Database): () => Promise<boolean> {
  const hasMore = async (call: string, values: readonly number[]): Promise<boolean | null> => {
    const [row] = await database.rows<{ has_more: boolean | null }>(`select ${call} as has_more`, [
      batch,
      ...values,
    ])
    return row!.has_more
  }
  return async () => {
    for (let isOver = false; !isOver; ) {
      // Null when another replica is at it.
      const isMore = await hasMore('portero.sweep($2, $3, $4, $1)', [
        ...[keep.challengeHours, keep.deliveryDays, keep.endedSessionDays],
      ])
      if (isMore === null) return false
      isOver = !isMore
      for (const { call, values } of sweeps) if (await hasMore(call, values)) isOver = false
    }
    return true
  }
}
