import type { FastifyReply } from 'fastify'
import { isRefusal, type RefusalCode } from '../domain/errors.ts'
import type { Channel } from '../domain/messaging/channel.ts'
import type { CodeRequested } from '../domain/otp/request-code.ts'
import type { SignedIn } from '../domain/otp/verify-code.ts'
import { type PhoneNumber, parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { serializeCookie } from '../http/cookies.ts'
import { flowCookie } from '../http/flow-cookie.ts'
import { statusOf } from '../http/problem.ts'
import type { PagesNeeds } from './needs.ts'
import { expiredAppCookies, sendOnward } from './onward.ts'
import { paths, withQuery } from './parts.ts'
import { type Said, sendLater, sendSaid, showPhone } from './sign-in.ts'
import { typedCode } from './typed-code.ts'
import { sendPage, textOf, type Visit } from './visit.ts'

/** Refusals that a person can mend at the number field, where they are shown with what was typed. */
const atTheNumber: ReadonlySet<RefusalCode> = new Set([
  'invalid_phone',
  'ambiguous_number',
  'country_not_allowed',
  'phone_not_reachable',
  'channel_not_available',
  'delivery_unavailable',
])

/** A number was typed: a code goes out, and this browser holds the challenge. */
export async function postPhone(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const typed = textOf(visit.request.body, 'phone') ?? ''
  const country = textOf(visit.request.body, 'country') ?? ''
  const { allowedRegions, defaultRegion } = portero.settings
  const region = allowedRegions.includes(country) ? country : defaultRegion
  try {
    const phone = parsePhoneNumber(typed, { region, source: 'typed' })
    const requested = await request(portero, visit, phone, undefined)
    return sendSaid(portero, visit, requested.isSent ? undefined : 'too_early')
  } catch (thrown) {
    if (isRefusal(thrown) && atTheNumber.has(thrown.code)) {
      const page = showPhone(portero, visit, { region, typed: typed.slice(0, 64), refusal: thrown })
      return sendPage(visit, page, statusOf(thrown.code))
    }
    return sendLater(portero, visit, thrown) || Promise.reject(thrown)
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
  dropChallenge(visit)
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
  if (held === undefined || challenge?.state !== 'live') return sendSaid(portero, visit, undefined)
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

function welcome(portero: PagesNeeds, visit: Visit, signedIn: SignedIn): FastifyReply {
  const { session, accessToken, deviceToken, isNewcomer, others } = signedIn
  const { isSecure, names, returnTo } = visit
  visit.reply.header('set-cookie', portero.sessionCookies(session, accessToken))
  visit.reply.header('set-cookie', expiredAppCookies(portero, visit))
  if (deviceToken !== undefined && !session.isShared) {
    const life = { maxAgeSeconds: portero.settings.deviceDays * 86_400, isSecure }
    visit.reply.header('set-cookie', serializeCookie(names.device, deviceToken, life))
  }
  dropChallenge(visit)
  const asksName = isNewcomer && session.person.name === undefined
  if (asksName) return sendOnward(portero, visit, withQuery(paths.name, { return: returnTo }))
  return sendOnward(portero, visit, others.length > 0 ? whoPath(visit) : returnTo)
}

/** On a phone of several people nobody goes on before it is known who they are. */
function whoPath({ returnTo }: Visit): string {
  return withQuery(paths.who, { return: returnTo })
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
    const held = { challengeId: requested.challengeId, secret: requested.holdSecret }
    visit.reply.header('set-cookie', flowCookie(cookieNeedsOf(visit), held))
  }
  return requested
}

function dropChallenge(visit: Visit): void {
  visit.reply.header('set-cookie', flowCookie(cookieNeedsOf(visit), undefined))
}

function cookieNeedsOf({ names, isSecure }: Visit) {
  return { cookieNames: names, isSecure }
}
