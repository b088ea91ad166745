import { randomSecret } from '../../lib/random-secret.ts'
import type { Locale } from '../locale.ts'
import type { Channel } from '../messaging/channel.ts'
import type { Deliver } from '../messaging/deliver.ts'
import { callSeconds, type DeliveryStore } from '../messaging/delivery-store.ts'
import type { ChallengeStore } from '../otp/challenge-store.ts'
import { codeProof, deriveCode } from '../otp/code-key.ts'
import type { LimitsConfig } from '../otp/limits-config.ts'
import type { OtpConfig } from '../otp/otp-config.ts'
import { sendBudgets } from '../otp/send-budgets.ts'
import { readServiceBudget } from '../otp/service-budget.ts'
import { localeOfPhone } from '../phones/locale-of-phone.ts'
import { describePhone } from '../phones/phone-facts.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import { isReachable } from '../phones/reachable-phone.ts'
import type { LinkAnswered, LinkAsked, LinkStore } from '../recognition/link-store.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { FirstContact } from './first-contact.ts'

type Needs = {
  readonly linkStore: LinkStore
  readonly challengeStore: Pick<ChallengeStore, 'readTotals'>
  readonly deliveryStore: Pick<DeliveryStore, 'settleDelivery'>
  readonly deliver: Deliver
  readonly keyring: Keyring
  readonly config: {
    readonly otp: OtpConfig
    readonly limits: LimitsConfig
    readonly phone: { readonly allowed_regions: readonly string[] }
    readonly pages: { readonly default_locale: Locale }
  }
}

/** A code to a number on record: five minutes, five tries, whatever holds for those of a sign-in. */
const ttlSeconds = 300
const triesMax = 5

/**
 * Codes that chats may let go out to one number on record in 24 hours. Below what strangers may in ten minutes at the web door, so
 * that nobody who types documents can keep a person from signing in.
 */
const chatSendsPerDay = 3

/**
 * What all chats together may let go out in an hour of one kind: a quarter of what the service, or one country, may. The web door
 * keeps the rest.
 */
export function chatSendsPerHour(limits: LimitsConfig): number {
  return Math.ceil(Math.min(limits.service_sends_per_hour, limits.region_sends_per_hour) / 4)
}

/** What is asked of strangers beside a document, and of whoever is declared and wants more, with codes on their way out. */
export function openStrictContact(needs: Needs): FirstContact {
  const { linkStore, keyring } = needs

  async function ask(
    phone: PhoneNumber,
    isProof: boolean,
    mode: LinkAsked['mode'],
    about: LinkAsked['about'],
  ): Promise<LinkAnswered> {
    const { otp, limits, pages } = needs.config
    const { region = 'ZZ', prefix } = describePhone(phone)
    // The number on record is to be of whoever asks, so that it speaks their language.
    const locale = localeOfPhone(phone) ?? pages.default_locale
    const { strangersWaitSeconds } = await readServiceBudget(needs, { region, prefix })
    const [channel] = needs.deliver.channels
    const keys = keyring.current
    const seed = { challengeId: randomSecret(), salt: Buffer.from(randomSecret(), 'base64url') }
    // Derived for the phone that asks: to whom the code goes shows only later, if it goes to anybody.
    const code = deriveCode(keys.code, { purpose: 'link', phone, ...seed, digits: 6 })
    const answer = await linkStore.ask({
      ...{ phone, isProof, mode, about, region, locale },
      code: {
        ...{ id: seed.challengeId, salt: seed.salt, keyId: keys.id, ttlSeconds, triesMax },
        proof: codeProof(keys.code, { purpose: 'link', phone, code }),
      },
      way: channel && { channel, provider: needs.deliver.providerOf(channel) },
      ...{ phoneSends: sendBudgets(limits, otp, 1).phoneSends, chatSendsPerDay },
      chatSendsPerHour: chatSendsPerHour(limits),
      ...{ strangersWaitSeconds, callSeconds },
    })
    if ('delivery' in answer && answer.delivery !== undefined && channel !== undefined)
      send(needs, answer.delivery, { channel, code, locale })
    return answer
  }

  return {
    async request(phone, document, mode, { documentsADay }, isProof) {
      const answer = await ask(phone, isProof, mode, { document, documentsADay })
      if (answer.outcome === 'linked' || answer.outcome === 'too_many_documents') return answer
      return { outcome: 'asked', personId: answer.personId, isAlarming: answer.isAlarming }
    },

    async answer(phone, code, isProof) {
      const proofs = keyring.all.map((keys) => ({
        keyId: keys.id,
        proof: codeProof(keys.code, { purpose: 'link', phone, code }),
      }))
      return await linkStore.answer(phone, proofs, isProof)
    },

    async stepUp(phone, personId, mode) {
      const { outcome } = await ask(phone, true, mode, { personId })
      return outcome === 'no_number' ? 'no_number' : 'asked'
    },
  }
}

/** Never waits: how long it takes must not tell that there was somebody to send to. */
function send(
  { deliver, deliveryStore, config }: Needs,
  { id, to }: { readonly id: string; readonly to: PhoneNumber },
  { channel, code, locale }: { channel: Channel; code: string; locale: Locale },
): void {
  if (!isReachable(to, { allowedRegions: config.phone.allowed_regions, channel })) {
    // Where this fails it is settled as what a process left that died.
    void deliveryStore.settleDelivery(id, { ok: false, reason: 'invalid_number' }).catch(() => {})
    return
  }
  deliver.start({ ref: id, to, channel, code, locale, ttlSeconds, purpose: 'link' })
}
