import { z } from 'zod'
import { agentConfig } from '../adapters/agent/agent-config.ts'
import { documentKinds } from '../domain/documents/document-kind.ts'

/** `bot.*`: the bot that knows people by their phone. It answers wherever a chat channel is configured. */
export const botConfig = z.strictObject({
  documents: documentKinds,
  first_contact: z
    .enum(['declared'])
    .default('declared')
    .meta({
      description:
        'How somebody is believed who writes for the first time. declared: whoever types a document is taken for that person, ' +
        'at the lowest level, and is called by the first name alone.',
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
  agent: agentConfig.prefault({}),
})

export type BotConfig = z.output<typeof botConfig>
