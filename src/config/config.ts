import { z } from 'zod'
import { deliveryConfig } from '../adapters/delivery/delivery-config.ts'
import { eventsConfig } from '../adapters/events/events-config.ts'
import { databaseConfig } from '../adapters/store/database-config.ts'
import { twilioConfig } from '../adapters/vendors/twilio/twilio-config.ts'
import { whatsappConfig } from '../adapters/vendors/whatsapp-cloud/whatsapp-config.ts'
import { apiConfig } from '../api/api-config.ts'
import { botConfig } from '../bot/bot-config.ts'
import type { Locale } from '../domain/locale.ts'
import { limitsConfig } from '../domain/otp/limits-config.ts'
import { otpConfig } from '../domain/otp/otp-config.ts'
import { adminConfig } from '../domain/people/admin-config.ts'
import { peopleConfig } from '../domain/people/people-config.ts'
import { phoneConfig } from '../domain/phones/phone-config.ts'
import { type PhoneNumber, parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { sessionsConfig } from '../domain/sessions/sessions-config.ts'
import { keysConfig } from '../domain/tokens/keys-config.ts'
import { tokensConfig } from '../domain/tokens/tokens-config.ts'
import { upstreamConfig } from '../gateway/upstream-config.ts'
import { listenConfig } from '../http/listen-config.ts'
import { localeOf } from '../http/locale.ts'
import { isOrigin, isWebUrl } from '../lib/web-url.ts'
import { pagesConfig } from '../pages/pages-config.ts'

/** Everything that can be set. A slice is declared by whoever needs it; here they are joined, in the order of the docs. */
export const configSchema = z.strictObject({
  demo: z
    .boolean()
    .optional()
    .meta({
      description:
        'Shows Portero with codes on the screen and nothing to configure. When not set, it is on while there is no delivery, ' +
        'no database.url and no public_url, and then for this machine alone.',
    }),
  public_url: z
    .string()
    .refine(isOrigin)
    .optional()
    .meta({
      description: 'The address that people open, and the issuer of tokens.',
      allowed: 'https:// (or http://), a host and perhaps a port, without path',
      examples: ['https://chat.example.org'],
    }),
  data_dir: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        'Folder for the database and the keys that Portero makes itself. When not set, .portero in the current folder.',
      allowed: 'the path of a folder',
      examples: ['/var/lib/portero'],
    }),
  privacy_url: z
    .string()
    .refine(isWebUrl)
    .optional()
    .meta({
      description: 'Where people read what is done with their data; linked from every page.',
      allowed: 'a web address',
      examples: ['https://example.org/privacy'],
    }),
  listen: listenConfig.prefault({}),
  database: databaseConfig.prefault({}),
  keys: keysConfig.prefault({}),
  upstream: upstreamConfig.prefault({}),
  phone: phoneConfig.prefault({}),
  people: peopleConfig.prefault({}),
  delivery: deliveryConfig.prefault({}),
  whatsapp: whatsappConfig.prefault({}),
  twilio: twilioConfig.prefault({}),
  bot: botConfig.prefault({}),
  events: eventsConfig.prefault({}),
  otp: otpConfig.prefault({}),
  limits: limitsConfig.prefault({}),
  sessions: sessionsConfig.prefault({}),
  tokens: tokensConfig.prefault({}),
  api: apiConfig.prefault({}),
  pages: pagesConfig.prefault({}),
  admin: adminConfig.prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').meta({
        description: 'How much is written to the log.',
      }),
    })
    .prefault({}),
})

/** What was given, with the defaults of single keys. */
export type GivenConfig = z.output<typeof configSchema>

/** What Portero runs on: `GivenConfig` with what follows from other keys filled in. Keys are named as in the file. */
export type Config = ReturnType<typeof resolveConfig>

/** Fills in what follows from other keys. Takes only what `checkConfig` had nothing to say about. */
export function resolveConfig(given: GivenConfig) {
  const { allowed_regions } = given.phone
  const default_region =
    given.phone.default_region ?? (allowed_regions.includes('BR') ? 'BR' : allowed_regions[0]!)
  return {
    ...given,
    public_url: given.public_url && originOf(given.public_url),
    upstream: {
      ...given.upstream,
      url: given.upstream.url && originOf(given.upstream.url),
      allowed_origins: given.upstream.allowed_origins.map(originOf),
      admin_phones: (given.upstream.admin_phones ?? given.admin.phones).map(phoneOf),
    },
    api: { allowed_origins: given.api.allowed_origins.map(originOf) },
    phone: { ...given.phone, default_region },
    // Outside the demo somebody has chosen: `checkConfig` sees to it.
    people: { ...given.people, admission: given.people.admission ?? 'open' },
    pages: { ...given.pages, default_locale: given.pages.default_locale ?? localeOfRegion(default_region) },
    admin: { phones: given.admin.phones.map(phoneOf) },
  }
}

function phoneOf(text: string): PhoneNumber {
  return parsePhoneNumber(text, { region: undefined, source: 'typed' })
}

/** As browsers write it: without a slash at the end. */
function originOf(url: string): string {
  return new URL(url).origin
}

function localeOfRegion(region: string): Locale {
  const { language } = new Intl.Locale(`und-${region}`).maximize()
  // CLDR takes Paraguay for a country that reads Guaraní; its people read Spanish too, and we speak no Guaraní.
  return localeOf(language === 'gn' ? 'es' : language) ?? 'en'
}
