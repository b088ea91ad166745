import type { ConversationNeeds } from './conversation-needs.ts'
import { answer, type Decision } from './decision.ts'
import type { Situation } from './situation.ts'

type Needs = Pick<ConversationNeeds, 'disownSession' | 'readPersonTold' | 'settings'> & {
  readonly recognition: Pick<ConversationNeeds['recognition'], 'disown'>
}

/**
 * "No fui yo": of a session that this phone was told of, which ends, or of a document that somebody typed elsewhere, which is undone
 * where the phone is surely that person's and is for the operator to decide where it is not. A button says which; words mean
 * whichever was told last, a code included that went to this phone. Whose session it is does not matter: whoever holds the phone is
 * who was told. A number that the channel does not prove ends nothing.
 */
export async function sayNotMe(
  needs: Needs,
  of: Situation,
  { mark, about }: { readonly mark: string | undefined; readonly about: string | undefined },
): Promise<Decision> {
  const { turn, phone, speaker } = of
  const isProved = turn.isProof && phone !== undefined
  if (about === undefined && isProved) {
    const disowned = await needs.disownSession({ phone, nonce: mark, chatKey: turn.chatKey })
    if (disowned !== undefined) {
      const { personId, isFirst } = disowned
      return answer(
        { key: 'session_disowned', hours: needs.settings.stopSendsHours },
        {},
        { speaker, events: [{ event: 'session_disowned', personId, isFirst }] },
      )
    }
  }
  // The button of a session that is known no longer says nothing about documents.
  const isOfDocument = mark === undefined || about !== undefined
  // On the phone of a family somebody else may have the word just now than whom it was told about.
  const told = about ?? (isOfDocument && isProved ? await needs.readPersonTold(phone) : undefined)
  const personId = told ?? speaker?.id
  // A phone that is nobody's own is surely nobody's.
  const isTheirs = isOfDocument && isProved && personId !== undefined && !of.recognition.isShared
  const undone = isTheirs ? await needs.recognition.disown(phone, personId) : undefined
  if (undone?.outcome === 'unlinked' && personId !== undefined) {
    const { phones } = undone
    return answer(
      { key: 'document_disowned', count: phones.length },
      {},
      { speaker, events: [{ event: 'document_disowned', personId, phones }] },
    )
  }
  return answer({ key: 'not_me' }, {}, { speaker, events: [{ event: 'not_me', personId }] })
}
