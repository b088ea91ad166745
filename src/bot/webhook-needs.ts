import type { IncomingMessage } from '../domain/chat/chat-store.ts'
import type { IdentityChange } from '../domain/chat/identity-change.ts'
import type { MessageStatus } from '../domain/chat/message-status.ts'
import type { Log } from '../domain/log.ts'

/** What the webhooks of chat providers work with. Whatever rejects lets the provider send the webhook again. */
export type WebhookNeeds = {
  readonly log: Log
  readonly now: () => number
  /** Keeps messages; those received before have no further effect. Working on them comes later. */
  readonly receive: (messages: readonly IncomingMessage[]) => Promise<unknown>
  /** Takes what became of messages of ours; in any order, and more than once. */
  readonly noteStatuses: (statuses: readonly MessageStatus[]) => Promise<unknown>
  /** Takes that accounts are no longer what they were; more than once. */
  readonly noteIdentityChanges: (changes: readonly IdentityChange[]) => Promise<unknown>
}
