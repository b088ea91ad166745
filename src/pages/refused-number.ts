import type { FastifyReply } from 'fastify'
import { isRefusal, type RefusalCode } from '../domain/errors.ts'
import { statusOf } from '../http/problem.ts'
import type { PagesNeeds } from './needs.ts'
import { sendLater, showPhone } from './sign-in.ts'
import { sendPage, type Visit } from './visit.ts'

/** Refusals that a person can mend at the number field, where they are shown with what was typed. */
const atTheNumber: ReadonlySet<RefusalCode> = new Set([
  'invalid_phone',
  'ambiguous_number',
  'country_not_allowed',
  'phone_not_reachable',
  'channel_not_available',
  'delivery_unavailable',
])

/** Answers a number that was refused: at its field, with what was typed, or as whatever else went wrong. Rejects with a bug. */
export async function sendRefusedNumber(
  portero: PagesNeeds,
  visit: Visit,
  { region, typed }: { readonly region: string; readonly typed: string },
  thrown: unknown,
): Promise<FastifyReply> {
  if (isRefusal(thrown) && atTheNumber.has(thrown.code)) {
    const page = showPhone(portero, visit, { region, typed: typed.slice(0, 64), refusal: thrown })
    return sendPage(visit, page, statusOf(thrown.code))
  }
  return sendLater(portero, visit, thrown) || Promise.reject(thrown)
}
