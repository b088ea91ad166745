import type { FastifyReply } from 'fastify'
import { isRefusal, type RefusalCode } from '../domain/errors.ts'
import type { Channel } from '../domain/messaging/channel.ts'
import type { CodeRequested } from '../domain/otp/request-code.ts'
import { type PhoneNumber, parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { holdChallenge } from './hold-challenge.ts'
import type { PagesNeeds } from './needs.ts'
import { sendOnward } from './onward.ts'
import { sendRefusedNumber } from './refused-number.ts'
import { regionOf, type Said, sendLater, sendSaid } from './sign-in.ts'
import { typedCode } from './typed-code.ts'
import { textOf, type Visit } from './visit.ts'
import { welcome, whoPath } from './welcome.ts'

/** A number was typed: a code goes out, and this browser holds the challenge. */
export async function postPhone(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const typed = textOf(visit.request.body, 'phone') ?? ''
  const region = regionOf(portero, textOf(visit.request.body, 'country'))
  try {
    const phone = parsePhoneNumber(typed, { region, source: 'typed' })
    const requested = await request(portero, visit, phone, undefined)
    return sendSaid(portero, visit, requested.isSent ? undefined : 'too_early')
  } catch (thrown) {
    return await sendRefusedNumber(portero, visit, { region, typed }, thrown)
  }
}

/** The code is wanted again, perhaps by another way. */
export async function postResend(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const challenge = visit.held && (await portero.readChallenge(visit.held))
  if (challenge === undefined) return sendSaid(portero, visit, undefined)
  const wanted = textOf(visit.request.body, 'channel')
  const channel = portero.settings.channels.find((one) => one === wanted)
  if (channel === undefined && wanted !== undefined) return sendSaid(portero, visit, 'channel_not_available')
  try {
    const requested = await request(portero, visit, challenge.phone, channel ?? challenge.channel)
    const isSame = requested.challengeId === challenge.id
    if (!requested.isSent) return sendSaid(portero, visit, 'too_early')
    return sendSaid(portero, visit, isSame ? 'resent' : undefined)
  } catch (thrown) {
    if (isRefusal(thrown, 'channel_not_available')) return sendSaid(portero, visit, 'channel_not_available')
    if (isRefusal(thrown, 'delivery_unavailable')) return sendSaid(portero, visit, 'delivery_unavailable')
    return sendLater(portero, visit, thrown) || Promise.reject(thrown)
  }
}

/** Another number: this browser lets go of its challenge. */
export async function postRestart(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  holdChallenge(visit, undefined)
  return sendSaid(portero, visit, undefined)
}

const saidOf: Partial<Record<RefusalCode, Said>> = {
  invalid_code: 'wrong',
  approval_pending: 'waiting',
  person_blocked: 'blocked',
  not_admitted: 'unknown',
}

/** A code was typed: the right one signs this browser in and sends it where it was going. */
export async function postCode(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const { held, request } = visit
  const challenge = held && (await portero.readChallenge(held))
  const identity = await portero.identify(request.headers)
  // The form was sent twice, and the first time signed this browser in.
  if (identity !== undefined && (challenge === undefined || challenge.state === 'used')) {
    const others = await portero.listOthers(identity.session.id)
    return sendOnward(portero, visit, others.length > 0 ? whoPath(visit) : visit.returnTo)
  }
  // Somebody who waits for a message may type before it has come.
  const isEarly = held !== undefined && challenge === undefined && portero.whatsapp !== undefined
  if (held === undefined || challenge?.state !== 'live')
    return sendSaid(portero, visit, isEarly ? 'not_yet' : undefined)
  const code = typedCode(textOf(request.body, 'code') ?? '', challenge.digits)
  if (code === undefined) return sendSaid(portero, visit, 'malformed')
  const isShared = textOf(request.body, 'shared') !== undefined
  try {
    const signedIn = await portero.verifyCode({
      phone: challenge.phone,
      code,
      challengeId: held.challengeId,
      holdSecret: held.secret,
      caller: portero.callerOf(visit.request.raw),
      isShared,
      replacesSessionId: identity?.session.id,
    })
    return welcome(portero, visit, signedIn)
  } catch (thrown) {
    const said = isRefusal(thrown) ? saidOf[thrown.code] : undefined
    if (said !== undefined) return sendSaid(portero, visit, said)
    return sendLater(portero, visit, thrown) || Promise.reject(thrown)
  }
}

async function request(
  portero: PagesNeeds,
  visit: Visit,
  phone: PhoneNumber,
  channel: Channel | undefined,
): Promise<CodeRequested> {
  const requested = await portero.requestCode({
    phone,
    channel,
    locale: visit.look.locale,
    caller: portero.callerOf(visit.request.raw),
    hold: 'browser',
    holds: visit.held,
  })
  if (requested.holdSecret !== undefined) {
    holdChallenge(visit, { challengeId: requested.challengeId, secret: requested.holdSecret })
  }
  return requested
}
