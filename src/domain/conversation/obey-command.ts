import { changePerson } from './choose-person.ts'
import type { ReadCommand } from './command.ts'
import type { Command } from './command-words.ts'
import type { ConversationNeeds } from './conversation-needs.ts'
import { answer, type Decision } from './decision.ts'
import { giveLink } from './give-link.ts'
import { greet } from './greet.ts'
import { sayNotMe } from './say-not-me.ts'
import type { Situation } from './situation.ts'
import { stepUp } from './step-up.ts'

/** What may be asked for at any time, by the blocked too, and while people of the organisation have the chat. */
const always: ReadonlySet<Command> = new Set(['forget', 'forget_everybody', 'erase', 'silence', 'not_me'])

/** Whether this is obeyed even when nothing else is answered. */
export function isAlwaysObeyed(command: Command, { state }: Situation): boolean {
  return always.has(command) || (command === 'unsilence' && state.isSilenced)
}

/** Does what a person said in a command. */
export async function obeyCommand(
  needs: ConversationNeeds,
  of: Situation,
  { command, locale, mark, about }: ReadCommand,
): Promise<Decision> {
  const { state, phone, speaker } = of
  const personId = speaker?.id
  switch (command) {
    case 'forget':
    case 'forget_everybody':
      return await forget(needs, of, command === 'forget' ? 'person' : 'everybody')
    case 'erase':
      return answer({ key: 'erasure_requested' }, {}, said(of, { event: 'erasure_requested', personId }))
    case 'not_me':
      return await sayNotMe(needs, of, { mark, about })
    case 'silence':
      return answer({ key: 'silenced' }, { isSilenced: true }, said(of, { event: 'silenced' }))
    case 'unsilence':
      if (!state.isSilenced) return greet(needs, of)
      return answer(
        { key: 'unsilenced' },
        { isSilenced: false, grantedAt: of.at },
        said(of, { event: 'unsilenced' }),
      )
    case 'people': {
      const { handoverHours } = needs.settings
      const until = of.now + handoverHours * 60 * 60 * 1000
      return answer(
        { key: 'handed_over', name: speaker?.firstName, hours: handoverHours },
        { step: 'with_people', withPeopleUntil: until },
        said(of, { event: 'handed_over', personId, until }),
      )
    }
    case 'someone_else':
      return phone === undefined ? greet(needs, of) : changePerson(needs, of)
    case 'language':
      return answer({ key: 'language_chosen' }, locale ? { locale, localeFrom: 'wish' } : {}, { speaker })
    case 'help':
      return answer({ key: command }, {}, { speaker })
    case 'sign_in':
      return (
        (await giveLink(needs, of)) ?? (await stepUp(needs, of)) ?? answer({ key: command }, {}, { speaker })
      )
    case 'greeting':
      return greet(needs, of)
  }
}

/**
 * Forgets at once, and says so whether there was anything or not. Who says not to be the one remembered, or has not said who
 * they are, means that one all the same: nobody is to stay remembered after this word.
 */
async function forget(
  { recognition }: Pick<ConversationNeeds, 'recognition'>,
  of: Situation,
  who: 'person' | 'everybody',
): Promise<Decision> {
  const { phone, state } = of
  const personId = of.speaker?.id ?? of.recognition.person?.id
  const { isProof } = of.turn
  const whom = who === 'everybody' ? who : personId === undefined ? ('unproved' as const) : { personId }
  const count = phone === undefined ? 0 : await recognition.forget(phone, whom, 'chat', isProof)
  // Who proves nothing takes nothing away that was proved; in this chat nobody is known all the same.
  const kept = isProof ? undefined : of.recognition.person?.id
  const step = state.step === 'with_people' ? state.step : kept === undefined ? 'start' : 'asked_document'
  return answer(
    { key: who === 'person' ? 'forgotten' : 'forgotten_everybody' },
    { step, nonce: '', choices: [], notPersonId: kept, visitorId: undefined },
    {
      speaker: undefined,
      events: [{ event: 'forgotten', who, count }, { event: 'person_changed' }],
    },
  )
}

function said({ speaker }: Situation, event: Decision['events'][number]) {
  return { speaker, events: [event] }
}
