import type { Log } from '../log.ts'
import { maskPhone } from '../phones/phone-facts.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { ReceivedMessage } from './chat-store.ts'

/** What channels called whoever has a phone, as last seen. */
export interface KnownIdentities {
  /**
   * Compares with what was known, and keeps it. Where the id or the hash is another one and somebody is remembered on the phone,
   * everybody there is forgotten: answers how many, else undefined. What is seen for the first time, or not said, is no change; a
   * message older than the newest one changes nothing. Of many at once one forgets.
   */
  note(seen: {
    readonly channel: string
    readonly phone: PhoneNumber
    readonly userId: string | undefined
    readonly identityHash: string | undefined
    readonly at: Date
  }): Promise<number | undefined>
}

/**
 * Notes which account a message came from. If it is no longer the one that was known on this phone, the phone is forgotten: whoever
 * writes is asked who they are, and nobody is moved. Costs a round trip only where the channel says anything about the account.
 */
export async function noteIdentity(
  { knownIdentities, log }: { readonly knownIdentities: KnownIdentities; readonly log: Log },
  message: ReceivedMessage,
): Promise<void> {
  const { channel, phone, isProof, at } = message
  const { userId, identityHash } = message.signals ?? {}
  if (phone === undefined || !isProof || (userId === undefined && identityHash === undefined)) return
  const forgotten = await knownIdentities.note({ channel, phone, userId, identityHash, at })
  if (forgotten !== undefined)
    log.warn(
      { channel, phone: maskPhone(phone), forgotten },
      'the account that writes from a phone is another one than before: whoever writes is asked again who they are',
    )
}
