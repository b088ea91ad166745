import { randomUUID } from 'node:crypto'
import type { AgentConfig } from '../adapters/agent/agent-config.ts'
import { openWebuiAgent } from '../adapters/agent/open-webui.ts'
import { openaiAgent } from '../adapters/agent/openai.ts'
import { webhookAgent } from '../adapters/agent/webhook.ts'
import { serviceDesk } from '../bot/service-desk.ts'
import { type Agent, noAgent } from '../domain/agent/agent.ts'
import { onBehalfOf } from '../domain/agent/on-behalf-of.ts'
import type { ConversationSettings } from '../domain/conversation/conversation-needs.ts'
import type { Locale } from '../domain/locale.ts'
import type { AppBehind } from './app-behind.ts'
import type { Portero } from './compose.ts'
import { send } from './send.ts'

/** Whoever answers what people ask, as it is configured. */
export function openAgent(
  { config, now }: Pick<Portero, 'config' | 'now'>,
  app: Pick<AppBehind, 'url' | 'tokens'> | undefined,
): Agent {
  const { kind, url, secret, base_url, model, api_key, guest = false } = config.bot.agent
  const system = (locale: Locale) => config.bot.agent.system ?? serviceDesk(config.pages.name, locale)
  if (kind === 'webhook' && url !== undefined && secret !== undefined)
    return webhookAgent({ fetch: send, now, newId: randomUUID, url, secret })
  if (kind === 'openai' && base_url !== undefined && model !== undefined)
    return openaiAgent({ fetch: send, baseUrl: base_url, model, apiKey: api_key, system })
  if (kind === 'open-webui' && app !== undefined && model !== undefined)
    return openWebuiAgent({
      ...{ fetch: send, url: app.url, tokens: app.tokens, model, system },
      onBehalfOf: (question) => onBehalfOf(question, guest),
    })
  return noAgent
}

/** How sure it has to be who asks: where people are answered with their own account, and there is none for guests, it has to be sure. */
export function agentLevel({ kind, guest = false }: AgentConfig): ConversationSettings['agentLevel'] {
  return kind === 'open-webui' && !guest ? 'verified' : 'declared'
}
