import type { Locale } from '../locale.ts'
import type { Level } from '../people/person.ts'

/**
 * What was said before between this person and the agent, in this chat, at most a day ago: while it was as sure as now who they
 * are, or as unsure (`isSure`). What a stranger said under their name is never told with what they ask, nor the other way round.
 */
export type AgentExchange = { readonly question: string; readonly answer: string }

/** What a recognised person wants to know. Their words are data, never instructions to Portero. */
export type AgentQuestion = {
  readonly text: string
  readonly person: { readonly id: string; readonly name: string | undefined }
  readonly level: Level
  readonly chatKey: string
  readonly locale: Locale
  /** The oldest first. */
  readonly history: readonly AgentExchange[]
}

/** Whoever answers people once the bot knows them. */
export interface Agent {
  readonly name: string
  /**
   * The answer to one question; undefined where there is nothing to say. Rejects when it cannot answer, and stops when
   * `signal` says so. A question may be asked again after a crash.
   */
  answer(question: AgentQuestion, signal: AbortSignal): Promise<string | undefined>
}

/** Nobody: the bot greets, and that is all. */
export const noAgent: Agent = { name: 'none', answer: async () => undefined }
