import type { FastifyInstance } from 'fastify'
import { readTwilioWebhook } from '../adapters/vendors/twilio/read-webhook.ts'
import { isSignedByTwilio } from '../adapters/vendors/twilio/signature.ts'
import { rawBody, takeRawBodies } from './raw-bodies.ts'
import { openSignatureAlarm } from './signature-alarm.ts'
import type { WebhookNeeds } from './webhook-needs.ts'

type Needs = WebhookNeeds & {
  readonly twilio: {
    readonly accountSid: string
    /** The first is in use, the others are on their way in or out. Without any there is no webhook here. */
    readonly authTokens: readonly string[]
    /** The number of the WhatsApp sender, with its plus. */
    readonly from: string
  }
  /** The origin that Twilio was given. What it signs is that one, whatever proxies make of `Host` on the way. */
  readonly publicUrl: string
}

/** Where Twilio is to bring messages, and what becomes of ours. */
export const twilioWebhookPath = '/_portero/webhooks/twilio'

const bodyMaxBytes = 64 * 1024

/** Where Twilio brings messages of WhatsApp, as a Fastify plugin. Whatever it answers 200 to has been kept. */
export async function twilioWebhook(app: FastifyInstance, needs: Needs): Promise<void> {
  const { accountSid, authTokens, from } = needs.twilio
  if (authTokens.length === 0) return
  const refuse = openSignatureAlarm(needs, {
    channel: 'twilio',
    key: 'twilio.auth_token, or the address that Twilio was given,',
  })
  takeRawBodies(app, bodyMaxBytes)

  app.post(twilioWebhookPath, { schema: { hide: true } as object }, async (request, reply) => {
    const body = rawBody(request)
    const form = isForm(request.headers['content-type'])
      ? new URLSearchParams(body.toString('utf8'))
      : new URLSearchParams()
    const signature = request.headers['x-twilio-signature']
    const url = `${needs.publicUrl}${request.raw.url}`
    if (
      !isSignedByTwilio(
        { url, form, body },
        typeof signature === 'string' ? signature : undefined,
        authTokens,
      )
    )
      refuse()

    const said = readTwilioWebhook(form, { accountSid, from, receivedAt: new Date(needs.now()) })
    if (said.kind === 'message') await needs.receive([said.message])
    else if (said.kind === 'status') await needs.noteStatuses([said.status])
    else if (said.why !== 'on_its_way')
      needs.log.info({ channel: 'twilio', [said.why]: 1 }, 'a webhook was passed over')
    // TwiML that says nothing: answers go out by themselves.
    return reply.type('text/xml; charset=utf-8').send('<?xml version="1.0" encoding="UTF-8"?><Response/>')
  })
}

function isForm(contentType: string | undefined): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? '')
}
