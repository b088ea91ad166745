import type { Log } from '../log.ts'
import type { ChatStore } from './chat-store.ts'
import type { MessageStatus } from './message-status.ts'

/** Keeps what became of messages of ours. What failed after all, although it had been taken, stands in the log. */
export async function noteStatuses(
  { chatStore, log }: { readonly chatStore: Pick<ChatStore, 'noteStatuses'>; readonly log: Log },
  statuses: readonly MessageStatus[],
): Promise<void> {
  for (const { channel, state, failure } of statuses)
    if (state === 'failed')
      log.warn(
        { channel, reason: failure?.reason, providerCode: failure?.providerCode },
        'a reply was taken by the channel, and did not arrive',
      )
  await chatStore.noteStatuses(statuses)
}
