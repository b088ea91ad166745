import { z } from 'zod'
import { isOrigin } from '../lib/web-url.ts'

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
  timeout_ms: z.int().min(1000).max(3_600_000).default(300_000).meta({
    description: 'For how many milliseconds the application may keep silent before it answers.',
  }),
  public_paths: z
    .array(
      z
        .string()
        .regex(/^\/(?!\/)[\w!$&'()+,;=:@./~-]*\*?$/)
        .refine((path) => !/\/\.{1,2}(\/|$)/.test(path) && !/[^/]\*$/.test(path))
        .meta({ allowed: 'paths such as /favicon.ico, or /static/* for all below' }),
    )
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
