import { randomBytes, randomUUID } from 'node:crypto'
import { hiddenNumberStore } from '../adapters/store/hidden-number-store.ts'
import { knownIdentityStore } from '../adapters/store/known-identity-store.ts'
import { apology, tooManyNotice } from '../bot/chat-notices.ts'
import { renderReply } from '../bot/render-reply.ts'
import { answerMessage } from '../domain/chat/answer-message.ts'
import type { ChatSender } from '../domain/chat/chat-sender.ts'
import type { ChatAnswer, IncomingMessage } from '../domain/chat/chat-store.ts'
import { fillReply } from '../domain/chat/fill-reply.ts'
import { withHiddenNumber } from '../domain/chat/hidden-numbers.ts'
import { noteIdentity } from '../domain/chat/known-identities.ts'
import { type ChatWorker, type ChatWorkerNeeds, openChatWorker } from '../domain/chat/work-chats.ts'
import type { ConversationNeeds } from '../domain/conversation/conversation-needs.ts'
import { converse } from '../domain/conversation/converse.ts'
import { openStrictContact } from '../domain/conversation/strict-contact.ts'
import { parseDocument } from '../domain/documents/parse-document.ts'
import { disownSession } from '../domain/notices/disown-session.ts'
import { claimInboundSignIn, isSignInMessage } from '../domain/otp/claim-inbound-sign-in.ts'
import { giveSignInLink } from '../domain/sessions/sign-in-link.ts'
import { paths } from '../pages/parts.ts'
import { agentLevel, openAgent } from './agent.ts'
import type { AppBehind } from './app-behind.ts'
import { heedEvents, openDocumentAlarm, openRequestNotice } from './chat-events.ts'
import type { Portero } from './compose.ts'

/** The bot, whatever its channels. */
export type Chat = {
  /** Takes messages in; they are worked on in the background. Answers which are new. */
  receive(messages: readonly IncomingMessage[]): Promise<readonly string[]>
  /** Takes in a message of a synchronous channel, and resolves with what it came to. */
  answer(message: IncomingMessage, signal?: AbortSignal): Promise<ChatAnswer>
  /** Works in the background from now on. */
  work(): ChatWorker
}

const agentTimeoutMs = 60_000

/** Connections that work on chats leaves to whoever waits for an answer, however slow the database is. */
const spareConnections = 1

/** Ties the conversation to its stores, its words, the ways out, and the application whose models may answer. */
export function openChat(
  portero: Portero,
  senders: readonly ChatSender[],
  app: Pick<AppBehind, 'url' | 'tokens'> | undefined,
): Chat {
  const { chatStore, config, database, log, now } = portero
  const conversation = conversationNeeds(portero)
  const hiddenNumbers = hiddenNumberStore(database)
  const knownIdentities = knownIdentityStore(database)
  const defaultLocale = config.pages.default_locale
  const ringAlarm = openDocumentAlarm({ log, now })
  const tellRequest = openRequestNotice({ log, now })
  const forEvents = { log, ringAlarm, tellRequest }
  const needs: ChatWorkerNeeds = {
    ...{ chatStore, log, now, senders, tooManyNotice, apology, agentTimeoutMs },
    converse: (turn, state) => converse(conversation, turn, state),
    withNumber: async (message) => {
      const complete = await withHiddenNumber({ hiddenNumbers }, message)
      await noteIdentity({ knownIdentities, log }, complete)
      return complete
    },
    fillReply: (reply) => fillReply({ ...portero, linkUrl: (token) => linkUrl(portero, token) }, reply),
    defaultLocale,
    agent: openAgent(portero, app),
    newToken: randomUUID,
    chatsAtOnce: Math.max(1, Math.min(8, config.database.pool_size - spareConnections)),
    onDecided: (message, outcome) => heedEvents(forEvents, message, outcome),
  }
  let worker: ChatWorker | undefined
  return {
    async receive(messages) {
      const news = await chatStore.receive(messages)
      worker?.wake()
      return news
    },
    answer: (message, signal = new AbortController().signal) => answerMessage(needs, message, signal),
    work() {
      worker = openChatWorker(needs)
      return worker
    },
  }
}

/** Built from the configuration alone: what a request says about its host must not lead anybody elsewhere. */
function linkUrl({ ownAddress }: Portero, token: string): string | undefined {
  const origin = ownAddress.origin()
  return origin && `${origin}${paths.link}/${token}`
}

function conversationNeeds(portero: Portero): ConversationNeeds {
  const { config, now, ownAddress, recognitionStore } = portero
  const { documents, documents_a_day, first_contact, handover_hours, people_per_phone, step_up } = config.bot
  const words = {
    brand: config.pages.name,
    privacyUrl: config.privacy_url,
    contact: config.pages.contact,
    // Without a public_url it is known once Portero listens.
    get signInUrl() {
      return ownAddress.origin()
    },
    documents,
  }
  return {
    recognition: recognitionStore,
    firstContact: openStrictContact(portero),
    disownSession: (claim) => disownSession(portero, claim),
    readPersonTold: (phone) => portero.noticeStore.readPersonTold(phone),
    readSessionTold: (phone) => portero.noticeStore.readSessionTold(phone),
    parseDocument: (text) => parseDocument(text, documents),
    signIn: {
      giveLink: (asked) => giveSignInLink(portero, asked),
      claim: (message) => claimInboundSignIn(portero, message),
      isForBrowser: (text) => isSignInMessage(portero, text),
    },
    say: (locale, message) => renderReply(words, locale, message),
    newNonce: () => randomBytes(6).toString('hex'),
    now,
    settings: {
      ...{ firstContact: first_contact, stepUp: step_up },
      limits: { documentsADay: documents_a_day, peopleMax: people_per_phone },
      handoverHours: handover_hours,
      stopSendsHours: config.sessions.stop_sends_hours,
      hasAgent: config.bot.agent.kind !== 'none',
      agentLevel: agentLevel(config.bot.agent),
      locale: config.pages.default_locale,
    },
  }
}
