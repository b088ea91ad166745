import type { Log } from '../log.ts'
import { maskPhone } from '../phones/phone-facts.ts'
import type { IdentityChange } from './identity-change.ts'

/** What is done about accounts that are no longer the same. */
export interface IdentityChanges {
  /**
   * Forgets everybody on the phone that the account had, so that it is asked again who is there. Answers how many; undefined
   * when this notice has been heeded before. A user id whose account moved to another number or id stands for nobody any more.
   */
  heed(change: IdentityChange): Promise<number | undefined>
}

/** Heeds what a channel tells about accounts, and says so in the log. Nobody is moved to another number. */
export async function heedIdentityChanges(
  { identityChanges, log }: { readonly identityChanges: IdentityChanges; readonly log: Log },
  changes: readonly IdentityChange[],
): Promise<void> {
  for (const change of changes) {
    const forgotten = await identityChanges.heed(change)
    if (forgotten === undefined) continue
    const { channel, kind } = change
    const phone = change.before.phone ?? change.after.phone
    log.warn(
      { channel, kind, forgotten, ...(phone && { phone: maskPhone(phone) }) },
      'an account of the channel is no longer the same: whoever writes from its phone is asked again who they are',
    )
  }
}
