import { z } from 'zod'
import { agentConfig } from '../adapters/agent/agent-config.ts'
import { firstContactModes, stepUpModes } from '../domain/conversation/first-contact.ts'
import { documentKinds } from '../domain/documents/document-kind.ts'
import { isRegion } from '../domain/phones/regions.ts'

/** `bot.*`: the bot that knows people by their phone. It answers wherever a chat channel is configured. */
export const botConfig = z.strictObject({
  documents: documentKinds,
  first_contact: z
    .enum(firstContactModes)
    .default('declared')
    .meta({
      description:
        'How somebody is believed who writes for the first time. declared: whoever types a document is taken for that person, ' +
        'at the lowest level, and is called by the first name alone. The others demand more, and answer the same whether or not ' +
        'anybody has the document. code: a code that goes to the number on record. proof: only the number on record itself is ' +
        'believed. approval: `portero links approve`. A number on record that writes itself is believed at once in all of them.',
    }),
  step_up: z
    .enum(stepUpModes)
    .default('code')
    .meta({
      description:
        'What somebody has to show who only typed a document and wants to sign in ("entrar"): a code that goes to the number on ' +
        'record, if there is another one (code), or `portero links approve` (approval). none: there is no way up.',
    }),
  remember_days: z
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .meta({
      description:
        'For how many days without a message somebody is remembered who has no days of their own (`portero people set --days`). ' +
        'All replicas go by what the one says that started last.',
    }),
  documents_a_day: z.int().min(1).max(50).default(5).meta({
    description: 'Different documents that one phone may try in 24 hours, right or wrong.',
  }),
  people_per_phone: z.int().min(1).max(50).default(5).meta({
    description: 'People whom one phone may be linked to, such as a family.',
  }),
  handover_hours: z.int().min(1).max(168).default(12).meta({
    description:
      'For how many hours the bot keeps silent in a chat after the person has asked for people of the organisation.',
  }),
  llm_countries: z
    .array(z.string().refine(isRegion).meta({ allowed: 'ISO 3166 countries in capitals' }))
    .default(['BR'])
    .meta({
      description:
        'Countries where a model may answer on WhatsApp, as far as you have looked into it: elsewhere WhatsApp bars assistants that ' +
        'answer just anything. Others of phone.allowed_regions are warned of; nobody is refused.',
      examples: [['BR', 'AR']],
    }),
  agent: agentConfig.prefault({}),
})

export type BotConfig = z.output<typeof botConfig>
