import type { PhoneNumber } from '../phones/phone-number.ts'
import type { ConversationNeeds } from './conversation-needs.ts'
import { answer, type Decision } from './decision.ts'
import type { Situation } from './situation.ts'

type Needs = Pick<ConversationNeeds, 'disownSession' | 'readPersonTold' | 'readSessionTold' | 'settings'> & {
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
  const { turn, speaker } = of
  const phone = turn.isProof ? of.phone : undefined
  if (about === undefined && phone !== undefined) {
    const disowned = await needs.disownSession({ phone, nonce: mark })
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
  if (!isOfDocument || phone === undefined) return forOperator(of, about ?? speaker?.id)
  // On the phone of a family somebody else may have the word just now than whom it was told about.
  const personId = about ?? (await needs.readPersonTold(phone)) ?? speaker?.id
  const undone = personId && (await undo(needs, of, { phone, personId, isByWords: about === undefined }))
  return undone || forOperator(of, personId)
}

/** Undefined where the phone is not surely that person's; one that is nobody's own is surely nobody's. */
async function undo(
  needs: Needs,
  { recognition, speaker }: Situation,
  { phone, personId, isByWords }: { phone: PhoneNumber; personId: string; isByWords: boolean },
): Promise<Decision | undefined> {
  if (recognition.isShared) return undefined
  const undone = await needs.recognition.disown(phone, personId)
  if (undone.outcome !== 'unlinked') return undefined
  const { phones } = undone
  // Whoever entered by a code could have the document typed right after, so that words mean that: the session is offered too.
  const session = isByWords ? await needs.readSessionTold(phone) : undefined
  const buttons = session && [{ id: `${session}.do.not_me`, label: { is: 'not_me' as const } }]
  return answer(
    { key: 'document_disowned', count: phones.length, ...(buttons && { buttons }) },
    {},
    { speaker, events: [{ event: 'document_disowned', personId, phones }] },
  )
}

function forOperator({ speaker }: Situation, personId: string | undefined): Decision {
  return answer({ key: 'not_me' }, {}, { speaker, events: [{ event: 'not_me', personId }] })
}
