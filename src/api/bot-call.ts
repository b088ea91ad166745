import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Scope } from '../domain/access/api-key-store.ts'
import { Refusal } from '../domain/errors.ts'
import { type PhoneNumber, parsePhoneNumber } from '../domain/phones/phone-number.ts'
import type { ApiNeeds } from './api-needs.ts'

/** What calls of an operator's own bot refuse with, besides what concerns the phone. */
export const keyRefusals = ['invalid_api_key', 'scope_missing'] as const

/** What calls about a phone refuse with. */
export const phoneRefusals = ['invalid_phone', 'ambiguous_number', ...keyRefusals] as const

/**
 * The phone in a body, and not in the address: addresses stand in the logs of every proxy on the way. A WhatsApp id is read as
 * one, and everything else as a person would write it.
 */
export const phoneField = z
  .string()
  .min(1)
  .max(200)
  .meta({
    description: 'The number with country code, or the id under which WhatsApp knows it.',
    examples: ['+5491123456789', 'whatsapp:+5491123456789'],
  })

/** A person's names, as the bot may use them. */
export const namedPersonSchema = z
  .object({
    id: z.uuid(),
    name: z.string().nullable(),
    first_name: z.string().nullable().meta({ description: 'What a greeting uses.' }),
  })
  .meta({ id: 'NamedPerson' })

/** Lets only a key with this scope go on. Refuses with `insecure_transport`, `invalid_api_key`, `scope_missing`. */
export async function requireBot(needs: ApiNeeds, request: FastifyRequest, scope: Scope): Promise<void> {
  needs.requireSafeTransport(request.raw)
  const key = await needs.apiKeyOf(request.headers, scope)
  if (key === undefined) throw new Refusal('invalid_api_key')
}

/** The phone that a bot names. Refuses with `invalid_phone`, `ambiguous_number`. */
export function phoneOfBot(needs: ApiNeeds, text: string): PhoneNumber {
  return parsePhoneNumber(text, { region: needs.config.phone.default_region, source: 'typed' })
}

/** A person in that form. */
export function namedPerson(person: {
  readonly id: string
  readonly name: string | undefined
  readonly firstName: string | undefined
}): z.input<typeof namedPersonSchema> {
  return { id: person.id, name: person.name ?? null, first_name: person.firstName ?? null }
}
