import type { InboundAnswer } from '../otp/claim-inbound-sign-in.ts'
import type { ConversationNeeds } from './conversation-needs.ts'
import type { Message } from './message.ts'
import type { ConversationState, Turn, TurnOutcome } from './turn.ts'

type Refused = Exclude<InboundAnswer['outcome'], 'code'>

const refusals: Readonly<Record<Refused, Message['key']>> = {
  over: 'sign_in_over',
  other_phone: 'sign_in_other_phone',
  blocked: 'blocked',
  not_admitted: 'sign_in_not_admitted',
  too_many_codes: 'sign_in_too_many_codes',
  country_not_allowed: 'sign_in_country_not_allowed',
}

/**
 * Answers the message that a browser asked for, whoever writes, with the code for that browser; undefined for every other message.
 * Of a channel that proves the number alone. It belongs to no conversation, and so changes none, but for telling where to read about data protection: only somebody whose number is
 * hidden is asked for it as always, and may then send the message again.
 */
export async function takeSignIn(
  { signIn, say }: Pick<ConversationNeeds, 'signIn' | 'say'>,
  { phone, isProof, isButton, text, at }: Turn,
  state: ConversationState,
): Promise<TurnOutcome | undefined> {
  if (isButton) return undefined
  const { locale } = state
  const isFirst = !state.isIntroduced
  if (phone === undefined) {
    if (!(await signIn.isForBrowser(text))) return undefined
    const asked = say(locale, { key: 'sign_in_ask_contact', asksFor: 'contact', isFirst })
    return outcomeOf(asked, { ...state, step: state.step === 'with_people' ? state.step : 'asked_contact' })
  }
  if (!isProof) return undefined
  const claimed = await signIn.claim({ text, phone, writtenAt: at, locale })
  if (claimed === undefined) return undefined
  if (claimed.outcome !== 'code')
    return outcomeOf(say(locale, { key: refusals[claimed.outcome], isFirst }), state)
  const { secret, userAgent, address } = claimed
  return outcomeOf(
    say(locale, { key: 'sign_in_code', secret, browser: { userAgent, address }, isFirst }),
    state,
  )
}

function outcomeOf(reply: TurnOutcome['replies'][number], state: ConversationState): TurnOutcome {
  return {
    replies: [reply],
    state: { ...state, isIntroduced: true },
    person: undefined,
    level: undefined,
    forAgent: undefined,
    events: [],
  }
}
