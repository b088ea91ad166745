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

/** Events in PostgreSQL: they are written by the triggers of migration 0023. */
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
      const againSeconds = outcome === 'over' ? null : Math.ceil(outcome.againInSeconds)
      await database.rows('select portero.settle_event($1, $2, $3)', [id, token, againSeconds])
    },
  }
}
