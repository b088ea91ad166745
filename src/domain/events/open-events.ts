import type { Log } from '../log.ts'
import { openPump } from '../open-pump.ts'
import type { EventReceiver, EventResult, EventStore, OutgoingEvent } from './outgoing-event.ts'
import { retryDelaySeconds } from './retry-delays.ts'

type Needs = {
  readonly eventStore: EventStore
  readonly receiver: EventReceiver
  readonly log: Log
  /** Epoch ms. */
  readonly now: () => number
  /** A new UUID at each call. */
  readonly newToken: () => string
}

/** What tells the organisation's program of events in the background. */
export type Events = {
  /** Takes nothing more; what was begun is finished, or given back. */
  close(): Promise<void>
}

const eventsAtOnce = 8
const lookEveryMs = 1000
const timeoutMs = 15_000
/** Longer than any attempt, so that only a process that died leaves an event unfinished. */
const leaseSeconds = 30
const complainEveryMs = 60_000
const patienceMs = 5000

/**
 * Opens the sender: each event is brought until it is taken, with ever longer pauses, and given up after ten attempts. Any number
 * of processes may have one at once. It looks each second. A receiver that wants nothing more (410) is left alone by this process.
 */
export function openEvents(needs: Needs): Events {
  const { eventStore, receiver, log, now, newToken } = needs
  const closing = new AbortController()
  let isUnwanted = false
  let quietUntil = Number.NEGATIVE_INFINITY

  const pump = openPump({
    atOnce: eventsAtOnce,
    take: async () => {
      if (isUnwanted) return undefined
      const token = newToken()
      const event = await eventStore.take(token, leaseSeconds)
      return event && { event, token }
    },
    work: async ({ event, token }) => {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)])
      const result = await receiver.bring(event, signal)
      await eventStore.settle(event.id, token, outcomeOf(event, result))
    },
    log,
  })

  function outcomeOf(event: OutgoingEvent, result: EventResult): Parameters<EventStore['settle']>[2] {
    if (result === 'taken') return 'over'
    if (result === 'gone') {
      if (!isUnwanted)
        log.error(
          {},
          'events.url answers 410, it wants no events: this process sends none until it is started again',
        )
      isUnwanted = true
      return { againInSeconds: 60 }
    }
    const { type, eventId, attempts } = event
    const delay = retryDelaySeconds(attempts)
    const facts = { type, event_id: eventId, attempts, status: result.status }
    if (delay === undefined) {
      log.error(facts, 'an event was not taken in ten attempts, and is given up')
      return 'over'
    }
    if (!closing.signal.aborted && now() >= quietUntil) {
      quietUntil = now() + complainEveryMs
      log.warn(
        facts,
        'an event was not taken; it is tried again, and so are others that may follow in silence',
      )
    }
    return { againInSeconds: closing.signal.aborted ? 0 : Math.max(delay, result.retryAfterSeconds ?? 0) }
  }

  const timer = setInterval(pump.wake, lookEveryMs)
  timer.unref()
  pump.wake()
  return {
    async close() {
      clearInterval(timer)
      // What is under way may well have been taken: so it is waited for a little, lest it come again for nothing.
      const overdue = setTimeout(() => closing.abort(), patienceMs)
      await pump.close()
      clearTimeout(overdue)
    },
  }
}
