import type { FastifyReply } from 'fastify'
import { Refusal } from '../domain/errors.ts'
import { type PhoneNumber, parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { holdChallenge } from './hold-challenge.ts'
import type { PagesNeeds } from './needs.ts'
import { sendRefusedNumber } from './refused-number.ts'
import { regionOf, sendSaid } from './sign-in.ts'
import { textOf, type Visit } from './visit.ts'

/** `POST /_portero/signin/whatsapp`: this browser begins to wait for a message; a number that was typed is the one that has to write. */
export async function postWhatsapp(portero: PagesNeeds, visit: Visit): Promise<FastifyReply> {
  const { whatsapp } = portero
  if (whatsapp === undefined) throw new Refusal('not_found')
  const typed = textOf(visit.request.body, 'phone') ?? ''
  const region = regionOf(portero, textOf(visit.request.body, 'country'))
  try {
    const phone = phoneOf(typed, region)
    const held = await whatsapp.start({ phone, caller: portero.callerOf(visit.request.raw) })
    holdChallenge(visit, held)
    return sendSaid(portero, visit, undefined)
  } catch (thrown) {
    return await sendRefusedNumber(portero, visit, { region, typed }, thrown)
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
