import { z } from 'zod'
import { parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { browserHold, heldBy } from './browser-hold.ts'
import { isForm } from './is-form.ts'
import { route } from './route.ts'
import { sessionAnswer, sessionSchema } from './session-answer.ts'

/** Trades a code for a session: the second step of the gateway seed. */
export const otpVerify = route({
  method: 'POST',
  path: '/otp/verify',
  summary: 'Verify a code and sign in',
  description:
    'Spends the code and opens a session: a token for Authorization, a refresh token for the time after, and the same as cookies. A wrong, used, expired or unknown code gets one and the same answer.',
  takesForm: true,
  body: z.object({
    phone: z
      .string()
      .min(1)
      .max(200)
      .meta({ examples: ['+5511961234567'] }),
    code: z
      .string()
      .min(1)
      .max(64)
      .meta({ examples: ['123456'] }),
    challenge_id: z
      .string()
      .regex(/^[\w-]{8,64}$/)
      .optional()
      .meta({ description: 'From the answer to the request; recommended.' }),
  }),
  output: sessionSchema,
  refuses: [
    'invalid_phone',
    'ambiguous_number',
    'invalid_code',
    'too_many_tries',
    'approval_pending',
    'person_blocked',
    'not_admitted',
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
    const flow = heldBy(needs, request)
    const signedIn = await needs.verifyCode({
      phone,
      code: body.code,
      challengeId: body.challenge_id ?? (hold === 'browser' ? flow?.challengeId : undefined),
      holdSecret: hold === 'id' ? body.challenge_id : flow?.secret,
      caller: needs.callerOf(request.raw, 'api', key?.id),
      isShared: false,
      replacesSessionId: (await needs.credentials.identify({ cookie: request.headers.cookie }))?.session.id,
    })
    reply.header('set-cookie', needs.sessionCookies(signedIn.session, signedIn.accessToken))
    return sessionAnswer(signedIn, needs.now())
  },
})
