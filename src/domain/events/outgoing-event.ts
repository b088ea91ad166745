import type { PhoneNumber } from '../phones/phone-number.ts'
import type { EventType } from './event-types.ts'

/** Something that happened, on its way to the organisation's program. */
export type OutgoingEvent = {
  readonly id: string
  /** By which the program knows one that comes again. */
  readonly eventId: string
  readonly type: EventType
  readonly happenedAt: Date
  readonly data: Readonly<Record<string, unknown>> & { readonly phone?: PhoneNumber }
  /** How often it was taken, this time included. */
  readonly attempts: number
}

/**
 * Events that were written in the transaction of what they tell. Each is handed to one process at a time, and of one phone none
 * before an earlier one is settled; one that was with a process that died is handed out again.
 */
export interface EventStore {
  /** Says whether anybody is to be told from now on: while nobody is, nothing is kept. */
  want(isWanted: boolean): Promise<void>
  /** Takes an event that is due, for `seconds`; undefined when there is none. */
  take(token: string, seconds: number): Promise<OutgoingEvent | undefined>
  /** Over, taken or given up; or to be taken again after some seconds. Nothing happens where the lease is lost. */
  settle(id: string, token: string, outcome: 'over' | { readonly againInSeconds: number }): Promise<void>
}

/** `gone`: it wants no events any more, ever. `status` is missing where no answer came. */
export type EventResult =
  | 'taken'
  | 'gone'
  | { readonly status: number | undefined; readonly retryAfterSeconds: number | undefined }

/** The program of the organisation that is told. */
export interface EventReceiver {
  /** Brings one event, with one attempt; never rejects for what the other side does. */
  bring(event: OutgoingEvent, signal: AbortSignal): Promise<EventResult>
}
