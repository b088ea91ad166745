import { z } from 'zod'
import { isWebhookSecret } from '../../lib/sign-webhook.ts'
import { isWebUrl } from '../../lib/web-url.ts'

/** `bot.agent.*`: who answers what people ask the bot, once it knows them. */
export const agentConfig = z.strictObject({
  kind: z
    .enum(['none', 'webhook', 'openai', 'open-webui'])
    .default('none')
    .meta({
      description:
        'Who answers what people ask once the bot knows them. none: the bot greets, and that is all. webhook: a program of ' +
        'your own, at url. openai: a model behind an interface like the one of OpenAI, at base_url. open-webui: a model of the ' +
        'Open WebUI at upstream.url, asked with the account that the person has there.',
    }),
  url: z
    .string()
    .refine(isWebUrl)
    .optional()
    .meta({
      description: 'Where questions are posted to. For webhook.',
      allowed:
        'a web address; http:// for your own network alone, because the question is not encrypted then',
      examples: ['https://desk.example.org/ask'],
    }),
  secret: z
    .string()
    .refine(isWebhookSecret)
    .optional()
    .meta({
      description: 'Signs the questions, so that your program knows from whom they are. For webhook.',
      allowed:
        'whsec_ and 24 to 64 random bytes in base64, such as from: echo "whsec_$(openssl rand -base64 32)"',
      secret: true,
      examples: ['whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='],
    }),
  base_url: z
    .string()
    .refine(isPlainUrl)
    .optional()
    .meta({
      description: 'Address of the interface, up to what comes before /chat/completions. For openai.',
      allowed: 'a web address without question mark; http:// for your own network alone',
      examples: ['https://api.openai.com/v1'],
    }),
  model: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({
      description: 'The model that answers, as the server names it. For openai and open-webui.',
      allowed: 'the name of a model',
      examples: ['llama3.3'],
    }),
  api_key: z
    .string()
    .regex(/^[\x21-\x7e]+$/)
    .optional()
    .meta({
      description: 'Key for that interface; servers of your own often want none. For openai.',
      allowed: 'the key, without spaces',
      secret: true,
      examples: ['sk-key-of-your-project'],
    }),
  system: z
    .string()
    .min(1)
    .max(20_000)
    .optional()
    .meta({
      description:
        'What the model is told about its task. When not set: that it is the service desk of pages.name, answers briefly, and ' +
        'in the language of the person. For openai and open-webui.',
      allowed: 'a text',
      examples: ['You answer questions about the library. It opens from 9 to 18.'],
    }),
  guest: z
    .boolean()
    .optional()
    .meta({
      description:
        'Whether people of whom it is not sure who they are are answered too, with an account guest@people.email_domain that is ' +
        'nobody in particular. When not set, false: they are told how to be sure of it first. For open-webui.',
    }),
})

export type AgentConfig = z.output<typeof agentConfig>

function isPlainUrl(text: string): boolean {
  return isWebUrl(text) && !/[?#]/.test(text)
}
