import type { Agent } from '../../domain/agent/agent.ts'
import type { Fetch } from '../vendors/post.ts'
import { type CompletionSettings, completionBody } from './completion-body.ts'
import { readCompletion } from './read-completion.ts'
import { requestCompletion } from './request-completion.ts'

type Needs = CompletionSettings & {
  readonly fetch: Fetch
  readonly baseUrl: string
  readonly apiKey: string | undefined
}

/**
 * A model behind OpenAI's chat completions, or whatever speaks like them. The answer is read as it comes and no further than one
 * message takes; nothing of what was asked, or of the key, stands in errors.
 */
export function openaiAgent(needs: Needs): Agent {
  const setting = 'bot.agent.base_url'
  const url = `${needs.baseUrl.replace(/\/+$/, '')}/chat/completions`
  return {
    name: 'openai',
    async answer(question, signal) {
      const asked = { token: needs.apiKey, body: completionBody(needs, question) }
      const answer = await requestCompletion({ fetch: needs.fetch, url, setting }, asked, signal)
      if (answer.status !== 200) {
        await answer.body?.cancel()
        throw new Error(`${setting} answered ${answer.status}, and not 200`)
      }
      return readCompletion(answer.body, setting)
    },
  }
}
