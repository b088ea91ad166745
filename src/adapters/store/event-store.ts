import type { EventType } from '../../domain/events/event-types.ts'
import type { EventStore, OutgoingEvent } from '../../domain/events/outgoing-event.ts'
import type { Database } from './open-database.ts'

type EventRow = {
  id: string
  event_id: string
  type: EventType
  data: OutgoingEvent['data']
  happened_at: Date
  attempts: number
}

/** Events in PostgreSQL: they are written by the triggers of migration 0024. */
export function eventStore(database: Database): EventStore {
  return {
    async want(isWanted) {
      await database.rows('select portero.want_events($1)', [isWanted])
    },

    async take(token, seconds) {
      const [row] = await database.rows<EventRow>('select * from portero.take_event($1, $2)', [
        token,
        seconds,
      ])
      return (
        row && {
          id: row.id,
          eventId: row.event_id,
          type: row.type,
          happenedAt: row.happened_at,
          data: row.data,
          attempts: row.attempts,
        }
      )
    },

    async settle(id, token, outcome) {
      if (outcome === 'over')
        await database.rows('delete from portero.events where id = $1 and lease_token = $2', [id, token])
      else await database.rows(againSql, [id, token, Math.ceil(outcome.againInSeconds)])
    },
  }
}

const againSql = `
  update portero.events set lease_token = null, due_at = clock_timestamp() + make_interval(secs => $3::int)
   where id = $1 and lease_token = $2`
