import type { PhoneNumber } from '../phones/phone-number.ts'
import type { DeclareOutcome } from '../recognition/recognition-store.ts'
import type { ConversationNeeds } from './conversation-needs.ts'
import { answer, type Decision } from './decision.ts'
import type { CodeOutcome, FirstContactMode, FirstContactOutcome } from './first-contact.ts'
import type { Message } from './message.ts'
import { isWhoUnclear, type Situation } from './situation.ts'
import type { ConversationState } from './turn.ts'

type Needs = Pick<ConversationNeeds, 'recognition' | 'firstContact' | 'parseDocument' | 'settings'>

/** Takes what a stranger wrote for a document, or says what is wrong with it. */
export async function takeDocument(needs: Needs, of: Situation, phone: PhoneNumber): Promise<Decision> {
  const read = needs.parseDocument(of.turn.text)
  if ('value' in read) return await declare(needs, of, phone, read.value, read.kind)
  const { step } = of.state
  if (read.reason === 'not_a_document') {
    if (step === 'waiting') return answer({ key: 'still_waiting' })
    if (step === 'asked_code' && !of.isNew) return answer({ key: 'code_asked' })
    if (step !== 'asked_document' || of.isNew)
      return answer({ key: 'ask_document' }, { step: 'asked_document' })
  }
  return answer(
    { key: 'document_unreadable', document: read.kind, reason: read.reason },
    { step: step === 'waiting' ? step : 'asked_document' },
  )
}

/** Takes a document that says what it is, and so is one even of somebody known; undefined for everything else. */
export async function takeNamedDocument(
  needs: Needs,
  of: Situation,
  phone: PhoneNumber,
): Promise<Decision | undefined> {
  // To an agent people write order numbers and amounts; eight bare digits must not make them somebody else.
  if (needs.settings.hasAgent && !/\p{L}/u.test(of.turn.text)) return undefined
  const read = needs.parseDocument(of.turn.text)
  return 'value' in read ? await declare(needs, of, phone, read.value, read.kind) : undefined
}

/** Takes the six digits that were sent to the number on record; undefined when it is no such code. */
export async function takeCode(
  needs: Needs,
  of: Situation,
  phone: PhoneNumber,
): Promise<Decision | undefined> {
  if (of.turn.text.length > 40) return undefined
  const digits = of.turn.text.normalize('NFKC').replace(/[\s\p{Cf}\p{M}.-]/gu, '')
  if (!/^\d{6}$/.test(digits)) return undefined
  const outcome = await needs.firstContact.answer(phone, digits, of.turn.isProof)
  // Somebody known, of whom no code is waited for any more, means something else by six digits.
  if (outcome.outcome === 'no_code' && of.speaker !== undefined) return undefined
  return decide(of, outcome, 'code')
}

async function declare(
  { recognition, firstContact, settings }: Needs,
  of: Situation,
  phone: PhoneNumber,
  document: string,
  kind: string,
): Promise<Decision> {
  const { firstContact: mode, limits } = settings
  const { isProof } = of.turn
  const outcome =
    mode === 'declared'
      ? await recognition.declare(phone, document, limits, { origin: 'chat', isProof })
      : await firstContact.request(phone, document, mode, limits, isProof)
  return decide(of, outcome, mode, kind)
}

function decide(
  of: Situation,
  outcome: DeclareOutcome | FirstContactOutcome | CodeOutcome,
  mode: FirstContactMode,
  document?: string,
): Decision {
  switch (outcome.outcome) {
    case 'linked':
      return linked(of, outcome, mode)
    case 'asked': {
      const [key, step] = asked[mode]
      const before = of.recognition.person?.id
      const notPersonId = before === outcome.personId ? undefined : before
      return answer(
        { key },
        { step, notPersonId, visitorId: undefined },
        { events: [...askedEvents(mode, outcome.isAlarming), { event: 'person_changed' }] },
      )
    }
    case 'no_code':
    case 'wrong_code':
      return refused(of, { key: 'code_wrong' }, 'wrong_code', false, 'asked_code')
    case 'unknown':
    case 'blocked':
    case 'too_many_documents':
    case 'too_many_people': {
      const key = outcome.outcome === 'unknown' ? 'document_unknown' : outcome.outcome
      return refused(of, { key, document }, outcome.outcome, outcome.isAlarming, 'asked_document')
    }
  }
}

const asked: Readonly<Record<FirstContactMode, readonly [Message['key'], ConversationState['step']]>> = {
  declared: ['ask_document', 'asked_document'],
  code: ['code_asked', 'asked_code'],
  proof: ['proof_asked', 'asked_document'],
  approval: ['approval_asked', 'waiting'],
}

function askedEvents(mode: FirstContactMode, isAlarming: boolean): Decision['events'] {
  return mode === 'declared' ? [] : [{ event: 'asked_more', mode, isAlarming }]
}

function linked(
  of: Situation,
  outcome: Extract<DeclareOutcome, { outcome: 'linked' }>,
  mode: FirstContactMode,
): Decision {
  const { person, otherPhones } = outcome
  // Whoever was this person already wanted to be believed more.
  const key = mode === 'code' && of.speaker?.id === person.id ? 'raised' : 'recognised'
  return answer(
    { key, name: person.firstName },
    {
      ...{ step: 'talking', nonce: '', choices: [], notPersonId: undefined, grantedAt: of.at },
      visitorId: outcome.isRemembered ? undefined : person.id,
    },
    {
      // At a phone that is nobody's own, no proof of it proves a person.
      speaker: outcome.isRemembered ? person : { ...person, belongs: 'declared' },
      events: [
        { event: 'linked', personId: person.id, otherPhones },
        ...(of.speaker?.id === person.id ? [] : [{ event: 'person_changed' } as const]),
      ],
    },
  )
}

/** Somebody known who mistyped another document stays who they are; where it is not clear who writes, it stays unclear. */
function refused(
  of: Situation,
  message: Message,
  why: Extract<Decision['events'][number], { event: 'refused' }>['why'],
  isAlarming: boolean,
  step: ConversationState['step'],
): Decision {
  const change = of.speaker ? {} : { step: isWhoUnclear(of) ? 'asked_who' : step }
  return answer(message, change, { speaker: of.speaker, events: [{ event: 'refused', why, isAlarming }] })
}
