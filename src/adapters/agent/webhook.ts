import type { Agent } from '../../domain/agent/agent.ts'
import { cutAnswer } from '../../domain/agent/cut-answer.ts'
import { signWebhook } from '../../lib/sign-webhook.ts'
import { type Fetch, post } from '../vendors/post.ts'

type Needs = {
  readonly fetch: Fetch
  /** Epoch ms. */
  readonly now: () => number
  readonly newId: () => string
  readonly url: string
  /** As `isWebhookSecret` takes them. */
  readonly secret: string
}

/**
 * A program of the organisation that is asked by a signed POST (`signWebhook`), and answers 200 with JSON that has the text as
 * `reply`; null or nothing in it means that there is nothing to say. Anything else is no answer, and nothing of what was asked,
 * or came back, stands in the error. Follows no redirect.
 */
export function webhookAgent({ fetch, now, newId, url, secret }: Needs): Agent {
  return {
    name: 'webhook',
    async answer({ text, person, level, chatKey, locale, history }, signal) {
      const body = JSON.stringify({
        message: text,
        person: { id: person.id, name: person.name ?? null },
        ...{ level, chat: chatKey, locale, history },
      })
      const signed = signWebhook(secret, { id: newId(), seconds: Math.floor(now() / 1000), body })
      const headers = { 'content-type': 'application/json', accept: 'application/json', ...signed }
      const result = await post(fetch, { url, headers, body }, signal)
      if ('failed' in result) throw new Error('bot.agent.url gave no answer')
      if (result.status !== 200) throw new Error(`bot.agent.url answered ${result.status}, and not 200`)
      const reply = replyOf(result.json)
      return reply === '' ? undefined : cutAnswer(reply)
    },
  }
}

function replyOf(json: unknown): string {
  const reply = typeof json === 'object' && json !== null && 'reply' in json ? json.reply : undefined
  if (reply === null) return ''
  if (typeof reply !== 'string')
    throw new Error(
      'bot.agent.url answered without a reply: it has to be JSON with a text as "reply", of 64 KiB at most',
    )
  return reply.trim()
}
