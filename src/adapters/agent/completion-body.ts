import type { AgentQuestion } from '../../domain/agent/agent.ts'
import type { Locale } from '../../domain/locale.ts'

/** What stays the same from question to question. */
export type CompletionSettings = {
  readonly model: string
  /** What the model is told about its task, for a person who reads that language. */
  readonly system: (locale: Locale) => string
}

/**
 * The body that asks for a streamed chat completion. What the person wrote is always a message of their own, never a part of the
 * system text; no name, no number and no id of theirs is in it.
 */
export function completionBody(
  { model, system }: CompletionSettings,
  { text, history, locale }: AgentQuestion,
): string {
  const messages = [
    { role: 'system', content: system(locale) },
    ...history.flatMap(({ question, answer }) => [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ]),
    { role: 'user', content: text },
  ]
  return JSON.stringify({ model, messages, stream: true })
}
