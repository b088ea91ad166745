import { renderReply } from '../../src/bot/render-reply.ts'
import type {
  ConversationNeeds,
  ConversationSettings,
} from '../../src/domain/conversation/conversation-needs.ts'
import { converse } from '../../src/domain/conversation/converse.ts'
import type { FirstContact } from '../../src/domain/conversation/first-contact.ts'
import type { ConversationState, Turn, TurnOutcome } from '../../src/domain/conversation/turn.ts'
import type { DocumentKind } from '../../src/domain/documents/document-kind.ts'
import { parseDocument } from '../../src/domain/documents/parse-document.ts'
import { canonicalPhone } from '../../src/domain/phones/phone-number.ts'
import { peopleInMemory, type StoryPerson } from './people-in-memory.ts'

export type HouseSettings = Partial<ConversationSettings> & {
  readonly people?: readonly StoryPerson[]
  readonly documents?: readonly [DocumentKind, ...DocumentKind[]]
  readonly sharedPhones?: readonly string[]
  readonly attested?: readonly string[]
  readonly privacyUrl?: string
  readonly contact?: string
  readonly signInUrl?: string
  readonly firstContactPort?: FirstContact
  readonly signIn?: Partial<ConversationNeeds['signIn']>
  readonly disownSession?: ConversationNeeds['disownSession']
  readonly readPersonTold?: ConversationNeeds['readPersonTold']
  readonly readSessionTold?: ConversationNeeds['readSessionTold']
}

/** Long ago enough that a story can go on for months. */
const beginsAt = Date.parse('2026-03-02T12:00:00Z')

const noFirstContact: FirstContact = {
  request: () => Promise.reject(new Error('the first contact is not a strict one here')),
  answer: () => Promise.reject(new Error('the first contact is not a strict one here')),
  stepUp: () => Promise.reject(new Error('there is no way up here')),
}

/** A bot with its texts, its people and a clock of its own: everything but the channel, the agent and the database. */
export function conversationHouse(of: HouseSettings = {}) {
  let now = beginsAt
  let nonces = 0
  const { documents = ['dni'] as const } = of
  const memory = peopleInMemory({ people: [], ...of, now: () => now })
  const words = {
    ...{ brand: 'Instituto Sur', documents, privacyUrl: of.privacyUrl },
    ...{ contact: of.contact, signInUrl: of.signInUrl },
  }
  const needs: ConversationNeeds = {
    recognition: memory.store,
    firstContact: of.firstContactPort ?? noFirstContact,
    parseDocument: (text) => parseDocument(text, documents),
    signIn: {
      giveLink: async () => undefined,
      claim: async () => undefined,
      isForBrowser: async () => false,
      ...of.signIn,
    },
    say: (locale, message) => renderReply(words, locale, message),
    disownSession: of.disownSession ?? (async () => undefined),
    readPersonTold: of.readPersonTold ?? (async () => undefined),
    readSessionTold: of.readSessionTold ?? (async () => undefined),
    newNonce: () => `n${++nonces}`,
    now: () => now,
    settings: {
      firstContact: 'declared',
      stepUp: 'none',
      limits: { documentsADay: 5, peopleMax: 5 },
      handoverHours: 12,
      stopSendsHours: 24,
      ...{ hasAgent: true, agentLevel: 'declared' },
      locale: 'es',
      ...of,
    },
  }
  const states = new Map<string, ConversationState>()

  async function turn(from: string, text: string, more: Partial<Turn> = {}): Promise<TurnOutcome> {
    now += 1000
    const phone = from.startsWith('+') ? canonicalPhone(from) : undefined
    const whole: Turn = {
      ...{ chatKey: from, phone, isProof: true, text, isButton: false, profileName: undefined },
      ...{ at: new Date(now), ...more },
    }
    const outcome = await converse(needs, whole, states.get(whole.chatKey))
    // Kept as the real one is: as JSON.
    states.set(whole.chatKey, JSON.parse(JSON.stringify(outcome.state)))
    return outcome
  }

  return {
    needs,
    memory,
    states,
    turn,
    now: () => now,
    pass: (ms: number) => {
      now += ms
    },
  }
}
