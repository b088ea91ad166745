import { z } from 'zod'
import { Refusal } from '../domain/errors.ts'
import { route } from './route.ts'

/** The public keys that check the assertions for apps, and access tokens where no secret is shared. */
export const jwksRoute = route({
  method: 'GET',
  path: '/_portero/jwks.json',
  summary: 'Public keys (JWKS)',
  output: z.object({ keys: z.array(z.record(z.string(), z.string())) }).meta({ id: 'Jwks' }),
  refuses: [],
  isCrossOrigin: true,

  async handle(needs, { reply }) {
    reply.header('cache-control', 'public, max-age=300')
    return needs.jwks()
  },
})

const healthSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })

/** Whether the process lives. */
export const health = route({
  method: 'GET',
  path: '/_portero/health',
  summary: 'Whether the process lives',
  output: healthSchema,
  refuses: [],
  isCrossOrigin: false,

  async handle() {
    return { status: 'ok' as const }
  },
})

/** Whether people can sign in and go through. */
export const ready = route({
  method: 'GET',
  path: '/_portero/ready',
  summary: 'Whether requests can be served',
  output: healthSchema,
  refuses: ['database_unavailable'],
  isCrossOrigin: false,

  async handle(needs) {
    if (!(await needs.isReady())) throw new Refusal('database_unavailable')
    return { status: 'ok' as const }
  },
})
