import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readWhatsappWebhook } from '../adapters/vendors/whatsapp-cloud/read-webhook.ts'
import { isSignedByMeta } from '../adapters/vendors/whatsapp-cloud/signature.ts'
import { subscriptionChallenge } from '../adapters/vendors/whatsapp-cloud/subscription.ts'
import { Refusal } from '../domain/errors.ts'
import { rawBody, takeRawBodies } from './raw-bodies.ts'
import { openSignatureAlarm } from './signature-alarm.ts'
import type { WebhookNeeds } from './webhook-needs.ts'

type Needs = WebhookNeeds & {
  readonly whatsapp: {
    readonly phoneNumberId: string
    /** The first is in use, the others are on their way in or out. Without any there is no webhook here. */
    readonly appSecrets: readonly string[]
    /** What was typed at Meta; without one a webhook cannot be set up here. */
    readonly verifyToken: string | undefined
  }
}

const path = '/_portero/webhooks/whatsapp'
/** Meta puts up to a thousand things into one webhook. */
const bodyMaxBytes = 3 * 1024 * 1024

/** Where Meta brings messages and news of WhatsApp, as a Fastify plugin. Whatever it answers 200 to has been kept. */
export async function whatsappWebhook(app: FastifyInstance, needs: Needs): Promise<void> {
  const { phoneNumberId, appSecrets, verifyToken } = needs.whatsapp
  if (appSecrets.length === 0) return
  const refuse = openSignatureAlarm(needs, { channel: 'whatsapp', key: 'whatsapp.app_secret' })
  takeRawBodies(app, bodyMaxBytes)

  if (verifyToken !== undefined) {
    app.get(path, { exposeHeadRoute: false, schema: { hide: true } as object }, async (request, reply) => {
      const challenge = subscriptionChallenge(queryOf(request), verifyToken)
      if (challenge === undefined) throw new Refusal('invalid_verify_token')
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
      return reply.type('text/plain; charset=utf-8').send(challenge)
    })
  }

  app.post(path, { schema: { hide: true } as object }, async (request, reply) => {
    const body = rawBody(request)
    const signature = request.headers['x-hub-signature-256']
    if (!isSignedByMeta(body, typeof signature === 'string' ? signature : undefined, appSecrets)) refuse()

    const webhook = readWhatsappWebhook(body, { phoneNumberId, receivedAt: new Date(needs.now()) })
    if (webhook === undefined) throw new Refusal('invalid_request')
    const { messages, statuses, identityChanges, passedOver } = webhook
    if (passedOver.size > 0) {
      const counts = Object.fromEntries(passedOver)
      needs.log.info({ channel: 'whatsapp', ...counts }, 'parts of a webhook were passed over')
    }
    if (messages.length > 0) await needs.receive(messages)
    if (statuses.length > 0) await needs.noteStatuses(statuses)
    if (identityChanges.length > 0) await needs.noteIdentityChanges(identityChanges)
    return reply.code(200).type('text/plain; charset=utf-8').send('')
  })
}

function queryOf({ raw }: FastifyRequest): URLSearchParams {
  const url = raw.url ?? ''
  const at = url.indexOf('?')
  return new URLSearchParams(at === -1 ? '' : url.slice(at))
}
