import { randomUUID } from 'node:crypto'
import { webhookReceiver } from '../adapters/events/webhook-receiver.ts'
import { eventStore } from '../adapters/store/event-store.ts'
import { type Events, openEvents } from '../domain/events/open-events.ts'
import type { Portero } from './compose.ts'
import { send } from './send.ts'

/** Tells the organisation's program of events, where one is configured; where none is, none are kept from now on. */
export async function startEvents(portero: Portero): Promise<Events | undefined> {
  const { config, database, log, now } = portero
  const { url, secret } = config.events
  const store = eventStore(database)
  const isWanted = url !== undefined && secret !== undefined
  await store.want(isWanted)
  if (!isWanted) return undefined
  const receiver = webhookReceiver({ fetch: send, now, url, secret })
  return openEvents({ eventStore: store, receiver, log, now, newToken: randomUUID })
}
