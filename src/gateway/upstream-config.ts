import { z } from 'zod'
import { phoneSetting } from '../domain/phones/phone-setting.ts'
import { isOrigin } from '../lib/web-url.ts'

const pathPattern = z
  .string()
  .regex(/^\/(?!\/)[\w!$&'()+,;=:@./~-]*\*?$/)
  .refine((path) => !/\/\.{1,2}(\/|$)/.test(path) && !/[^/]\*$/.test(path))

/** `upstream.*`: the application behind Portero. */
export const upstreamConfig = z.strictObject({
  url: z
    .string()
    .refine(isOrigin)
    .optional()
    .meta({
      description:
        'Where the application listens. When not set, only forward-auth and the API are served; the demo shows a small application of its own.',
      allowed: 'http:// or https://, a host and a port, without path or password',
      examples: ['http://open-webui:8080'],
    }),
  kind: z
    .enum(['auto', 'generic', 'open-webui'])
    .default('auto')
    .meta({
      description:
        'What the application is. generic gets identity headers and nothing else; open-webui also gets its accounts and sessions ' +
        'from Portero; auto asks the application, and again every half minute until it turns out to be an Open WebUI.',
    }),
  admin_phones: z
    .array(phoneSetting)
    .optional()
    .meta({
      description:
        'Phones whose people become administrators of the application. When not set, those of admin.phones.',
      examples: [['+5511961234567']],
    }),
  create_groups: z.boolean().default(true).meta({
    description:
      'Whether groups of people that the application does not have are made there. Otherwise they are only reported.',
  }),
  revoke_at: z
    .enum(['last_session', 'every_session'])
    .default('last_session')
    .meta({
      description:
        'When all sessions that a person has with the application are ended there: with the last session here, or with every one. ' +
        'every_session is for another proxy in front, whose websockets Portero cannot close.',
    }),
  api_key_paths: z
    .array(
      pathPattern.refine(isFarFromAuths).meta({
        allowed: 'paths such as /api/chat/completions, or /api/models/* for all below; never /api/v1/auths/',
      }),
    )
    .default([])
    .meta({
      description:
        'Paths of an Open WebUI that programs may call with one of its own API keys (Authorization: Bearer sk-…) and without a session ' +
        'here. Whoever has such a key passes, whatever becomes of their phone.',
      examples: [['/api/chat/completions', '/api/models']],
    }),
  allow_mfa_enrolment: z.boolean().default(false).meta({
    description: 'Whether people may set up a second factor inside Open WebUI.',
  }),
  timeout_ms: z.int().min(1000).max(3_600_000).default(300_000).meta({
    description: 'For how many milliseconds the application may keep silent before it answers.',
  }),
  public_paths: z
    .array(pathPattern.meta({ allowed: 'paths such as /favicon.ico, or /static/* for all below' }))
    .default([])
    .meta({
      description: 'Paths of the application that nobody has to sign in for.',
      examples: [['/favicon.ico', '/static/*']],
    }),
  allowed_origins: z
    .array(z.string().refine(isOrigin).meta({ allowed: 'origins such as https://app.example.org' }))
    .default([])
    .meta({
      description: 'Other sites whose pages may open websockets to the application. Its own may always.',
    }),
})

export type UpstreamConfig = z.output<typeof upstreamConfig>

const auths = '/api/v1/auths'

/** Whether a pattern matches nothing of the paths by which Open WebUI signs people in and out and changes their accounts. */
function isFarFromAuths(pattern: string): boolean {
  const start = pattern.toLowerCase().replace(/\*$/, '')
  return !start.startsWith(auths) && !(pattern.endsWith('*') && `${auths}/`.startsWith(start))
}
