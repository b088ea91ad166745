import type { Agent, AgentQuestion } from '../../domain/agent/agent.ts'
import { isRefusal } from '../../domain/errors.ts'
import type { AppTokens, OnBehalfOf } from '../../domain/upstream/app-tokens.ts'
import { detailOf } from '../vendors/open-webui/answer-text.ts'
import { type Fetch, readText } from '../vendors/post.ts'
import { type CompletionSettings, completionBody } from './completion-body.ts'
import { readCompletion } from './read-completion.ts'
import { requestCompletion } from './request-completion.ts'

type Needs = CompletionSettings & {
  readonly fetch: Fetch
  /** Where Open WebUI listens. */
  readonly url: URL
  readonly tokens: Pick<AppTokens, 'tokenOf'>
  /** In whose name a question is put; undefined where it must not be put at all. */
  readonly onBehalfOf: (question: AgentQuestion) => OnBehalfOf | undefined
}

/** The key of the configuration that errors name. */
const setting = 'upstream.url'

/**
 * A model of the Open WebUI behind, asked in the name of the person: with the account that they have there through the web door,
 * so that models, permissions and groups are theirs. It leaves nothing in their list of chats. A token that is refused is made
 * anew once. Says nothing to somebody who may not come in any more. Nothing of what was asked, and no token, stands in errors.
 */
export function openWebuiAgent(needs: Needs): Agent {
  const { fetch, url, tokens } = needs
  const place = { fetch, url: `${url.origin}/api/chat/completions`, setting }
  return {
    name: 'open-webui',
    async answer(question, signal) {
      signal.throwIfAborted()
      const who = needs.onBehalfOf(question)
      if (who === undefined) throw new Error('bot.agent.guest is not set, and it is not sure who asks')
      const body = completionBody(needs, question)
      try {
        const token = await tokens.tokenOf(who)
        const first = await requestCompletion(place, { token, body }, signal)
        if (first.status === 200) return await readCompletion(first.body, setting)
        const refusal = await sentenceOf(first)
        // A 401 without a sentence of Open WebUI's own comes from the model behind it.
        if (first.status !== 401 || refusal === undefined)
          throw refusedWith(needs.model, first.status, refusal)
        const fresh = await tokens.tokenOf(who, token)
        const second = await requestCompletion(place, { token: fresh, body }, signal)
        if (second.status === 200) return await readCompletion(second.body, setting)
        throw refusedWith(needs.model, second.status, await sentenceOf(second))
      } catch (thrown) {
        if (isRefusal(thrown) && thrown.code === 'not_signed_in') return undefined
        throw thrown
      }
    },
  }
}

/** Why Open WebUI refuses, in its own words; undefined where it says nothing of the kind. */
async function sentenceOf(answer: Response): Promise<string | undefined> {
  const text = await readText(answer).catch(() => undefined)
  return text === undefined ? undefined : detailOf({ body: text })
}

/** Its words are only read here: they might quote what was asked. */
function refusedWith(model: string, status: number, sentence: string | undefined): Error {
  if ((status === 400 || status === 403) && sentence === 'Model not found')
    return new Error(
      `bot.agent.model: Open WebUI has no model ${JSON.stringify(model)}, or does not let this account use it (${status})`,
    )
  return new Error(`${setting} answered ${status}, and not 200`)
}
