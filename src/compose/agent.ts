import { randomUUID } from 'node:crypto'
import { fetch } from 'undici'
import { openaiAgent } from '../adapters/agent/openai.ts'
import { webhookAgent } from '../adapters/agent/webhook.ts'
import type { Fetch } from '../adapters/vendors/post.ts'
import { serviceDesk } from '../bot/service-desk.ts'
import { type Agent, noAgent } from '../domain/agent/agent.ts'
import type { Portero } from './compose.ts'

// The same in all that is used of it; the types differ in what they say of bodies.
const send = fetch as unknown as Fetch

/** Whoever answers what people ask, as it is configured. */
export function openAgent({ config, now }: Pick<Portero, 'config' | 'now'>): Agent {
  const { kind, url, secret, base_url, model, api_key, system } = config.bot.agent
  if (kind === 'webhook' && url !== undefined && secret !== undefined)
    return webhookAgent({ fetch: send, now, newId: randomUUID, url, secret })
  if (kind === 'openai' && base_url !== undefined && model !== undefined)
    return openaiAgent({
      ...{ fetch: send, baseUrl: base_url, model, apiKey: api_key },
      system: (locale) => system ?? serviceDesk(config.pages.name, locale),
    })
  return noAgent
}
