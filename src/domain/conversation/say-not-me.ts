import type { ConversationNeeds } from './conversation-needs.ts'
import { answer, type Decision } from './decision.ts'
import type { Situation } from './situation.ts'

/**
 * "No fui yo": of a session that this phone was told of, which ends, or of a document that somebody typed elsewhere. A button says
 * which; words mean whichever was told last. Whose session it is does not matter: whoever holds the phone is who was told. A number
 * that the channel does not prove ends nothing.
 */
export async function sayNotMe(
  { disownSession, settings }: Pick<ConversationNeeds, 'disownSession' | 'settings'>,
  { turn, phone, speaker }: Situation,
  { mark, about }: { readonly mark: string | undefined; readonly about: string | undefined },
): Promise<Decision> {
  const isOfSession = about === undefined && turn.isProof && phone !== undefined
  const disowned = isOfSession
    ? await disownSession({ phone, nonce: mark, chatKey: turn.chatKey })
    : undefined
  if (disowned !== undefined) {
    const { personId, isFirst } = disowned
    return answer(
      { key: 'session_disowned', hours: settings.stopSendsHours },
      {},
      { speaker, events: [{ event: 'session_disowned', personId, isFirst }] },
    )
  }
  // The button of a session that is known no longer says nothing about documents. A notice names whom it is about: on the phone of a
  // family somebody else may have the word just now. Whether the phone is surely that person's is looked at when it is undone.
  const isOfDocument = mark === undefined || about !== undefined
  const isAttested = isOfDocument && turn.isProof && (about !== undefined || speaker?.belongs === 'attested')
  const personId = about ?? speaker?.id
  return answer({ key: 'not_me' }, {}, { speaker, events: [{ event: 'not_me', personId, isAttested }] })
}
