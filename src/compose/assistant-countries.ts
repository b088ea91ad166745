import type { Config } from '../config/config.ts'

type Found = {
  /** Regions as ISO 3166 has them. */
  readonly countries: readonly string[]
  /** One sentence about what is the case, and one about what to do. */
  readonly what: string
  readonly cure: string
}

/**
 * WhatsApp bars assistants that answer anything from its business interface since 15 January 2026, but for numbers of some
 * countries; a bot that serves the organisation's own customers is no such assistant. What the operator is told where a model
 * answers on WhatsApp to countries that nobody has looked at; undefined where there is nothing to tell. Nobody is refused for it.
 */
export function assistantWarning(
  config: Pick<Config, 'bot' | 'whatsapp' | 'twilio' | 'phone'>,
): Found | undefined {
  const { agent, llm_countries } = config.bot
  const isModel = agent.kind === 'openai' || agent.kind === 'open-webui'
  const isOnWhatsapp =
    config.whatsapp.phone_number_id !== undefined || config.twilio.account_sid !== undefined
  if (!isModel || !isOnWhatsapp) return undefined
  const countries = config.phone.allowed_regions.filter((region) => !llm_countries.includes(region))
  if (countries.length === 0) return undefined
  const named =
    countries.length > 12 ? `${countries.slice(0, 12).join(', ')} and others` : countries.join(', ')
  return {
    countries,
    what: `A model answers on WhatsApp to numbers of ${named}, where WhatsApp bars assistants that answer just anything; a service desk for your own people is allowed.`,
    cure:
      'Keep the model to your organisation (bot.agent.system), or let a program of your own answer (bot.agent.kind webhook). ' +
      'Once you have checked a country, add it to bot.llm_countries (PORTERO_BOT__LLM_COUNTRIES); or take it out of phone.allowed_regions.',
  }
}
