import type { Agent, AgentQuestion } from '../../domain/agent/agent.ts'
import { answerMax, cutAnswer } from '../../domain/agent/cut-answer.ts'
import type { Locale } from '../../domain/locale.ts'
import type { Fetch } from '../vendors/post.ts'
import { readCompletion } from './read-completion.ts'

type Needs = {
  readonly fetch: Fetch
  readonly baseUrl: string
  readonly model: string
  readonly apiKey: string | undefined
  /** What the model is told about its task, for a person who reads that language. */
  readonly system: (locale: Locale) => string
}

/**
 * A model behind OpenAI's chat completions, or whatever speaks like them. What the person wrote is always a message of their
 * own, never a part of the system text. The answer is read as it comes and no further than one message takes; nothing of what
 * was asked, or of the key, stands in errors. Follows no redirect, which would carry the key elsewhere.
 */
export function openaiAgent(needs: Needs): Agent {
  const url = `${needs.baseUrl.replace(/\/+$/, '')}/chat/completions`
  return {
    name: 'openai',
    async answer(question, signal) {
      const answer = await send(needs, url, bodyOf(needs, question), signal)
      if (answer.status !== 200) {
        await answer.body?.cancel()
        throw new Error(`bot.agent.base_url answered ${answer.status}, and not 200`)
      }
      const text = (await readCompletion(answer.body, answerMax)).trim()
      return text === '' ? undefined : cutAnswer(text)
    },
  }
}

async function send(needs: Needs, url: string, body: string, signal: AbortSignal): Promise<Response> {
  signal.throwIfAborted()
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    ...(needs.apiKey !== undefined && { authorization: `Bearer ${needs.apiKey}` }),
  }
  try {
    return await needs.fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
  } catch {
    // What was thrown may tell of the request.
    throw new Error('bot.agent.base_url gave no answer')
  }
}

function bodyOf({ model, system }: Needs, { text, history, locale }: AgentQuestion): string {
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
