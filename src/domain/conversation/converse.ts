import { isSure } from '../people/level.ts'
import { type PressedButton, readButton } from './button.ts'
import { askWho, choose, chosenByWords } from './choose-person.ts'
import { type ReadCommand, readCommand } from './command.ts'
import type { ConversationEvent } from './conversation-event.ts'
import type { ConversationNeeds } from './conversation-needs.ts'
import { newConversation } from './conversation-state.ts'
import { answer, type Decision, silence } from './decision.ts'
import { greet } from './greet.ts'
import { isAlwaysObeyed, obeyCommand } from './obey-command.ts'
import {
  isWhoUnclear,
  levelInChat,
  readSituation,
  recognitionEvent,
  type Situation,
  stepOfTalk,
} from './situation.ts'
import { takeCode, takeDocument, takeNamedDocument } from './take-document.ts'
import { takeSignIn } from './take-sign-in.ts'
import type { ConversationState, Turn, TurnOutcome } from './turn.ts'
import { isWithdrawal } from './withdrawal.ts'

/** What is older is not answered: WhatsApp lets nobody answer later, and nobody waits for it any more. */
const answeredMs = 24 * 60 * 60 * 1000

/**
 * Decides one message of a chat. The messages of one chat come one after the other, each with the state that the one before
 * left. What a browser waits for is looked at before anything else. A message older than one that counted is ignored. One older than a day is not answered. What somebody withdraws
 * (`olvidar`, `BAJA`) is done however late it comes, unless they have let it be kept anew since.
 */
export async function converse(
  needs: ConversationNeeds,
  turn: Turn,
  state: ConversationState | undefined,
): Promise<TurnOutcome> {
  const now = needs.now()
  // A sender's clock that is ahead must not make what follows look old.
  const at = Math.min(turn.at.getTime(), now)
  const kept = state ?? newConversation(turn.phone, needs.settings.locale)
  const pressed = turn.isButton ? readButton(turn.text, kept.nonce) : undefined
  const command = commandOf(pressed, turn)
  const isLate = now - at > answeredMs
  const forBrowser = isLate ? undefined : await takeSignIn(needs, turn, kept)
  if (forBrowser !== undefined) return forBrowser
  const lastAt = Math.max(at, kept.lastAt)
  const isOutdated = at < (isWithdrawal(command) ? kept.grantedAt : kept.lastAt)
  if (isOutdated || (isLate && !isWithdrawal(command))) return unanswered({ ...kept, lastAt })

  const before = inItsLanguage(afterPeople(kept, now), command)
  const of = await readSituation(needs, turn, before, { at, now })
  const decision = await decide(needs, of, command, pressed)
  const after = { ...stepAfterPause(of), ...decision.change, lastAt }
  const outcome = { ...decision, messages: isLate ? [] : decision.messages }
  return outcomeOf(needs, of, outcome, after)
}

async function decide(
  needs: ConversationNeeds,
  of: Situation,
  command: ReadCommand | undefined,
  pressed: PressedButton | undefined,
): Promise<Decision> {
  const { state, recognition, phone, speaker, turn } = of
  const isAlways = command !== undefined && isAlwaysObeyed(command.command, of)
  if (isAlways) return await obeyCommand(needs, of, command)
  if (state.step === 'with_people') return { ...silence, speaker }
  if (recognition.isBlocked) return answer({ key: 'blocked' })
  if (command !== undefined) return await obeyCommand(needs, of, command)
  if (phone === undefined || (!hasText(turn) && state.step === 'asked_contact')) return greet(needs, of)

  if (pressed !== undefined && 'who' in pressed) {
    const chosen = pressed.isFresh ? state.choices[pressed.who - 1] : undefined
    if (chosen !== undefined) return await choose(needs, of, phone, chosen)
    return of.known.length > 1 ? askWho(needs, of) : greet(needs, of)
  }
  if (!hasText(turn)) return answer({ key: speaker ? 'not_text' : 'not_text_unknown' }, {}, { speaker })
  if (isWhoUnclear(of)) {
    const named = state.step === 'asked_who' ? chosenByWords(of) : undefined
    if (named !== undefined) return await choose(needs, of, phone, named)
    const isDocument = 'value' in needs.parseDocument(turn.text)
    return isDocument ? await takeDocument(needs, of, phone) : askWho(needs, of)
  }
  const code = state.step === 'asked_code' ? await takeCode(needs, of, phone) : undefined
  if (code !== undefined) return code
  if (speaker === undefined) return await takeDocument(needs, of, phone)
  const named = await takeNamedDocument(needs, of, phone)
  if (named !== undefined) return named
  const change = { step: stepOfTalk(of) }
  if (!needs.settings.hasAgent)
    return answer({ key: 'no_agent', name: speaker.firstName }, change, { speaker })
  if (needs.settings.agentLevel === 'verified' && !isSure(levelInChat(speaker, turn, of.at, of.now)))
    return answer({ key: 'agent_unsure', name: speaker.firstName }, change, { speaker })
  return { ...silence, speaker, change, forAgent: turn.text }
}

/** What a button of ours tells to do, or words. */
function commandOf(pressed: PressedButton | undefined, turn: Turn): ReadCommand | undefined {
  if (pressed === undefined) return readCommand(turn.text)
  if (!('command' in pressed)) return undefined
  const { command, mark, about } = pressed
  return { command, locale: undefined, mark, ...(about && { about }) }
}

/** Whether anything is to be seen in it; marks of direction and the like are nothing. */
function hasText({ text }: Turn): boolean {
  return /[^\p{Cc}\p{Cf}\p{Z}]/u.test(text)
}

/** The chat comes back to the bot when the time of the organisation's people is over. */
function afterPeople(state: ConversationState, now: number): ConversationState {
  if (state.step !== 'with_people' || now < (state.withPeopleUntil ?? 0)) return state
  return { ...state, step: 'talking', withPeopleUntil: undefined }
}

/** What had been asked before a long pause is not waited for any more; only an approval can take so long. */
function stepAfterPause({ state, isNew }: Situation): ConversationState {
  const isLasting = state.step === 'waiting' || state.step === 'with_people'
  return isNew && !isLasting ? { ...state, step: 'start' } : state
}

/** The language of the words that somebody uses, unless they have said which they want. */
function inItsLanguage(state: ConversationState, command: ReadCommand | undefined): ConversationState {
  const locale = command?.locale
  if (locale === undefined || state.localeFrom === 'wish') return state
  return { ...state, locale, localeFrom: 'words' }
}

function outcomeOf(
  needs: ConversationNeeds,
  of: Situation,
  { messages, speaker, forAgent, events }: Decision,
  state: ConversationState,
): TurnOutcome {
  const replies = messages.map((message, place) =>
    needs.say(state.locale, { ...message, isFirst: place === 0 && !state.isIntroduced }),
  )
  const found = recognitionEvent(of)
  const all: ConversationEvent[] = found ? [found, ...events] : [...events]
  return {
    replies,
    state: { ...state, isIntroduced: state.isIntroduced || replies.length > 0 },
    person: speaker && { id: speaker.id, name: speaker.name },
    level: levelInChat(speaker, of.turn, of.at, of.now),
    forAgent,
    events: all,
  }
}

function unanswered(state: ConversationState): TurnOutcome {
  return { replies: [], state, person: undefined, level: undefined, forAgent: undefined, events: [] }
}
