import { isSure } from '../people/level.ts'
import type { ConversationNeeds } from './conversation-needs.ts'
import { answer, type Decision } from './decision.ts'
import { levelInChat, type Situation } from './situation.ts'

/**
 * Answers `entrar` with a one-time link, for somebody who is surely the one they seem: the phone is attested as theirs, and this
 * very message proves it. Undefined for everybody else, and where the web would not open to them.
 */
export async function giveLink(
  { signIn }: Pick<ConversationNeeds, 'signIn'>,
  { turn, at, now, phone, speaker }: Situation,
): Promise<Decision | undefined> {
  if (speaker === undefined || phone === undefined) return undefined
  if (!isSure(levelInChat(speaker, turn, at, now))) return undefined
  const secret = await signIn.giveLink({
    ...{ phone, personId: speaker.id, chatKey: turn.chatKey },
    askedAt: new Date(at),
  })
  if (secret === undefined) return undefined
  return answer({ key: 'sign_in_link', name: speaker.firstName, secret }, {}, { speaker })
}
