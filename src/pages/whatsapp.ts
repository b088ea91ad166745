import type { FastifyReply } from 'fastify'
import { isRefusal, Refusal } from '../domain/errors.ts'
import { type PhoneNumber, parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { flowCookie } from '../http/flow-cookie.ts'
import { statusOf } from '../http/problem.ts'
import { atTheNumber } from './at-the-number.ts'
import type { PagesNeeds } from './needs.ts'
import { regionOf, sendLater, sendSaid, showPhone } from './sign-in.ts'
import { sendPage, textOf, type Visit } from './visit.ts'

/** `POST /_portero/signin/whatsapp`: this browser begins to wait for a message; a number that was typed is the one that has to write. */
export async function postWhatsapp(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const { whatsapp } = portero
  if (whatsapp === undefined) throw new Refusal('not_found')
  const typed = textOf(visit.request.body, 'phone') ?? ''
  const region = regionOf(portero, textOf(visit.request.body, 'country'))
  try {
    const phone = phoneOf(typed, region)
    const held = await whatsapp.start({ phone, caller: portero.callerOf(visit.request.raw) })
    const { names, isSecure, reply } = visit
    reply.header('set-cookie', flowCookie({ cookieNames: names, isSecure }, held))
    return sendSaid(portero, visit, undefined)
  } catch (thrown) {
    if (isRefusal(thrown) && atTheNumber.has(thrown.code)) {
      const page = showPhone(portero, visit, { region, typed: typed.slice(0, 64), refusal: thrown })
      return sendPage(visit, page, statusOf(thrown.code))
    }
    return sendLater(portero, visit, thrown) || Promise.reject(thrown)
  }
}

/** `GET /_portero/signin/whatsapp`: what the page asks while it waits. Of the browser that holds it, and of nobody else. */
export async function getWhatsapp(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const { held } = visit
  const isCome = held !== undefined && (await portero.readChallenge(held)) !== undefined
  const waits = held === undefined || isCome ? undefined : await portero.whatsapp?.read(held)
  const state = isCome ? 'code' : (waits?.state ?? 'over')
  return visit.reply.type('application/json; charset=utf-8').send({ state })
}

function phoneOf(typed: string, region: string): PhoneNumber | undefined {
  return typed.trim() === '' ? undefined : parsePhoneNumber(typed, { region, source: 'typed' })
}
