import type { ChatStore } from '../chat/chat-store.ts'
import { localeOfPhone } from '../conversation/conversation-state.ts'
import type { Reply } from '../conversation/turn.ts'
import type { Locale } from '../locale.ts'
import type { Deliver } from '../messaging/deliver.ts'
import type { DeliveryFailure, OutboundMessage } from '../messaging/delivery-provider.ts'
import type { SessionNotice, SessionNoticeStore } from './session-notice-store.ts'

/** How a notice is put into words, for each way of telling it. */
export type SessionNoticeWords = {
  inChat(locale: Locale, notice: SessionNotice): Reply
  bySms(locale: Locale, notice: SessionNotice): string
  /** Undefined where no template is configured. */
  byTemplate(
    locale: Locale,
    notice: SessionNotice,
  ): Required<Pick<OutboundMessage, 'text' | 'template'>> | undefined
}

export type TellNewSessionNeeds = {
  readonly sessionNoticeStore: SessionNoticeStore
  readonly chatStore: Pick<ChatStore, 'findOpenChat'>
  readonly deliver: Pick<Deliver, 'channels' | 'tell'>
  readonly words: SessionNoticeWords
  /** Channels on which a phone can be told something that it did not ask for. */
  readonly channels: readonly string[]
  readonly ways: 'any' | 'chat' | 'off'
  readonly defaultLocale: Locale
}

/** Another try may work; of the rest the next way is tried. */
const passing: readonly DeliveryFailure[] = ['rate_limited', 'unavailable']
const attemptsMax = 6

/** Longer than any attempt, so that only a process that died leaves a notice unfinished. */
export const noticeLeaseSeconds = 60

/**
 * Tells a phone of a session that the caller has taken: in its chat if that is open, else by a template, else by SMS; and if there
 * is none of them, when it next writes. Who wants no notices ("BAJA") gets none, by any way, until they want them again.
 */
export async function tellNewSession(
  needs: TellNewSessionNeeds,
  notice: SessionNotice,
  token: string,
): Promise<void> {
  const { sessionNoticeStore, chatStore, channels, ways, words, defaultLocale } = needs
  const { id, phone, isSilenced } = notice
  if (ways === 'off') return sessionNoticeStore.settle(id, token, { told: 'nobody' })
  if (isSilenced) return sessionNoticeStore.hold(id, token, channels)
  const ofPhone = localeOfPhone(phone) ?? defaultLocale
  const chat = await chatStore.findOpenChat(phone, channels)
  if (chat !== undefined) {
    const reply = words.inChat(chat.locale ?? ofPhone, notice)
    if (await sessionNoticeStore.sayInChat(id, token, chat.chatKey, reply)) return
  }
  const outcome = ways === 'any' ? await send(needs, notice, ofPhone) : undefined
  if (outcome === undefined) return sessionNoticeStore.hold(id, token, channels)
  return sessionNoticeStore.settle(id, token, outcome)
}

/** Undefined when there is no other way, or none of them reaches this phone. */
async function send(
  needs: TellNewSessionNeeds,
  notice: SessionNotice,
  locale: Locale,
): Promise<Parameters<SessionNoticeStore['settle']>[2] | undefined> {
  for (const message of messagesOf(needs, notice, locale)) {
    const result = await needs.deliver.tell(message)
    // Nobody can tell whether it went out: one too few is better than two here, since the account page shows the session as well.
    if (result.ok || result.reason === 'timeout_unknown') return { told: message.channel }
    if (passing.includes(result.reason) && notice.attempts < attemptsMax)
      return { againInSeconds: result.retryAfterSeconds ?? 5 * 4 ** (notice.attempts - 1) }
  }
  return undefined
}

function messagesOf(
  { deliver, words }: TellNewSessionNeeds,
  notice: SessionNotice,
  locale: Locale,
): (OutboundMessage & { readonly channel: 'whatsapp' | 'sms' })[] {
  const common = { ref: notice.id, to: notice.phone, code: undefined, locale, ttlSeconds: 86_400 }
  const template = words.byTemplate(locale, notice)
  return [
    ...(template !== undefined && deliver.channels.includes('whatsapp')
      ? [{ ...common, channel: 'whatsapp' as const, ...template }]
      : []),
    ...(deliver.channels.includes('sms')
      ? [{ ...common, channel: 'sms' as const, text: words.bySms(locale, notice) }]
      : []),
  ]
}
