import { z } from 'zod'
import { locales } from '../domain/locale.ts'
import { channels } from '../domain/messaging/channel.ts'
import { localeOfPhone } from '../domain/phones/locale-of-phone.ts'
import { parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { flowCookie } from '../http/flow-cookie.ts'
import { chooseLocale } from '../http/locale.ts'
import { browserHold, heldBy } from './browser-hold.ts'
import { isForm } from './is-form.ts'
import { route } from './route.ts'

/** Sends a code to a phone: the first step of the gateway seed. */
export const otpRequest = route({
  method: 'POST',
  path: '/otp/request',
  summary: 'Send a code to a phone',
  description:
    'Answers the same whether or not the number is known. Asked again too early, it sends nothing and says in Retry-After when it will. In a form, a plus sign that arrived as a space is repaired. Asked from a browser, the code can only be typed in that browser; asked without one, it can be verified from the same address or with the same API key, by phone and code alone.',
  takesForm: true,
  body: z.object({
    phone: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'The number, with country code.', examples: ['+5511961234567'] }),
    channel: z
      .enum(channels)
      .optional()
      .meta({ description: 'How to send it; the first one available if not given.' }),
    locale: z.enum(locales).optional().meta({
      description:
        'Language of the message. If not given: Accept-Language, else the language of the country that the number is from.',
    }),
    challenge_id: z
      .string()
      .regex(/^[\w-]{8,64}$/)
      .optional()
      .meta({ description: 'The challenge to send again, where an allowed origin holds it.' }),
  }),
  output: z
    .object({
      challenge_id: z.string(),
      phone: z.string().meta({ description: 'The number as Portero reads it, in E.164.' }),
      channel: z.enum(channels),
      digits: z.union([z.literal(6), z.literal(8)]),
      expires_in: z.int().meta({ description: 'Seconds.' }),
      resend_in: z.int().meta({ description: 'Seconds until asking again sends again.' }),
      code: z.string().optional().meta({ description: 'The code itself, in the demo only.' }),
    })
    .meta({ id: 'CodeRequested' }),
  refuses: [
    'invalid_phone',
    'ambiguous_number',
    'country_not_allowed',
    'phone_not_reachable',
    'channel_not_available',
    'too_many_codes',
    'delivery_unavailable',
    'invalid_api_key',
    'scope_missing',
  ],
  isCrossOrigin: true,

  async handle(needs, { body, request, reply }) {
    needs.requireSafeTransport(request.raw)
    const key = await needs.apiKeyOf(request.headers, 'otp')
    const phone = parsePhoneNumber(body.phone, {
      region: needs.config.phone.default_region,
      source: isForm(request) ? 'api_form' : 'typed',
    })
    const hold = browserHold(needs, request)
    const flow = hold === 'browser' ? heldBy(needs, request) : undefined
    const named = hold === 'id' && body.challenge_id !== undefined
    const requested = await needs.requestCode({
      phone,
      channel: body.channel,
      locale:
        body.locale ??
        chooseLocale(
          request.headers['accept-language'],
          [],
          localeOfPhone(phone) ?? needs.config.pages.default_locale,
        ),
      caller: needs.callerOf(request.raw, 'api', key?.id),
      hold,
      holds: named ? { challengeId: body.challenge_id!, secret: body.challenge_id! } : flow,
    })
    if (requested.holdSecret !== undefined) {
      const held = { challengeId: requested.challengeId, secret: requested.holdSecret }
      reply.header('set-cookie', flowCookie(needs, held))
    }
    if (!requested.isSent) reply.header('retry-after', String(requested.resendInSeconds))
    return {
      challenge_id: requested.challengeId,
      phone: requested.phone,
      channel: requested.channel,
      digits: requested.digits,
      expires_in: requested.expiresInSeconds,
      resend_in: requested.resendInSeconds,
      ...(requested.code === undefined ? {} : { code: requested.code }),
    }
  },
})
