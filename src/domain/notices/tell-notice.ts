import type { ChatStore } from '../chat/chat-store.ts'
import type { Reply } from '../conversation/turn.ts'
import type { Locale } from '../locale.ts'
import type { Deliver } from '../messaging/deliver.ts'
import type { DeliveryFailure, OutboundMessage } from '../messaging/delivery-provider.ts'
import { localeOfPhone } from '../phones/locale-of-phone.ts'
import { isReachable } from '../phones/reachable-phone.ts'
import type { Notice, NoticeStore } from './notice-store.ts'

/** How a notice is put into words, for each way of telling it. */
export type WordsOf<Kind extends Notice> = {
  inChat(locale: Locale, notice: Kind): Reply
  bySms(locale: Locale, notice: Kind): string
  /** Undefined where no template is configured. */
  byTemplate(locale: Locale, notice: Kind): Required<Pick<OutboundMessage, 'text' | 'template'>> | undefined
}

export type NoticeWords = WordsOf<Notice>

export type TellNoticeNeeds = {
  readonly noticeStore: NoticeStore
  readonly chatStore: Pick<ChatStore, 'findOpenChat'>
  readonly deliver: Pick<Deliver, 'channels' | 'tell'>
  readonly words: NoticeWords
  /** Channels on which a phone can be told something that it did not ask for. */
  readonly channels: readonly string[]
  /** `off`: new sessions are told of to nobody. Documents are then, in chats alone. */
  readonly ways: 'any' | 'chat' | 'off'
  /** Notices of documents that may cost something in an hour: anybody makes them who types documents. The rest waits. */
  readonly paidPerHour: number
  /** Countries to whose numbers they may go; a session has shown that its phone is of one. */
  readonly allowedRegions: readonly string[]
  readonly defaultLocale: Locale
}

/** Another try may work; of the rest the next way is tried. */
const passing: readonly DeliveryFailure[] = ['rate_limited', 'unavailable']
const attemptsMax = 6

/** Longer than any attempt, so that only a process that died leaves a notice unfinished. */
export const noticeLeaseSeconds = 60

/**
 * Tells a phone what the caller has taken: in its chat if that is open, else by a template, else by SMS; and if there is none of
 * them, when it next writes. Who wants no notices ("BAJA") gets none, by any way, until they want them again.
 */
export async function tellNotice(needs: TellNoticeNeeds, notice: Notice, token: string): Promise<void> {
  const { noticeStore, chatStore, channels, ways, words, defaultLocale } = needs
  const { id, phone, isSilenced } = notice
  if (ways === 'off' && notice.kind === 'session') return noticeStore.settle(id, token, { told: 'nobody' })
  if (isSilenced) return noticeStore.hold(id, token, channels)
  const ofPhone = localeOfPhone(phone) ?? defaultLocale
  const chat = await chatStore.findOpenChat(phone, channels)
  if (chat !== undefined) {
    const reply = words.inChat(chat.locale ?? ofPhone, notice)
    if (await noticeStore.sayInChat(id, token, chat.chatKey, reply)) return
  }
  const outcome = ways === 'any' ? await send(needs, notice, ofPhone) : undefined
  if (outcome === undefined) return noticeStore.hold(id, token, channels)
  return noticeStore.settle(id, token, outcome)
}

/** Undefined when there is no other way, or none of them reaches this phone. */
async function send(
  needs: TellNoticeNeeds,
  notice: Notice,
  locale: Locale,
): Promise<Parameters<NoticeStore['settle']>[2] | undefined> {
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
  { deliver, words, paidPerHour, allowedRegions }: TellNoticeNeeds,
  notice: Notice,
  locale: Locale,
): (OutboundMessage & { readonly channel: 'whatsapp' | 'sms' })[] {
  if (notice.kind === 'document' && notice.paidLately >= paidPerHour) return []
  const common = { ref: notice.id, to: notice.phone, code: undefined, locale, ttlSeconds: 86_400 }
  const reaches = (channel: 'whatsapp' | 'sms') =>
    deliver.channels.includes(channel) &&
    (notice.kind === 'session' || isReachable(notice.phone, { allowedRegions, channel }))
  const template = words.byTemplate(locale, notice)
  return [
    ...(template !== undefined && reaches('whatsapp')
      ? [{ ...common, channel: 'whatsapp' as const, ...template }]
      : []),
    ...(reaches('sms') ? [{ ...common, channel: 'sms' as const, text: words.bySms(locale, notice) }] : []),
  ]
}
