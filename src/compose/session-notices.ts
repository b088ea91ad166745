import { randomUUID } from 'node:crypto'
import { sessionNoticeWords } from '../bot/session-notice.ts'
import type { ChatSender } from '../domain/chat/chat-sender.ts'
import { openSessionNotices, type SessionNotices } from '../domain/notices/open-session-notices.ts'
import type { Portero } from './compose.ts'

/** Tells phones of new sessions in the background, by the ways that there are. */
export function openNotices(portero: Portero, senders: readonly ChatSender[]): SessionNotices {
  const { config, publicUrl } = portero
  const { notice_template: name, notice_languages: languages } = config.whatsapp
  return openSessionNotices({
    ...portero,
    words: sessionNoticeWords({
      brand: config.pages.name,
      template: name === undefined ? undefined : { name, languages },
      accountUrl: publicUrl && `${publicUrl.host}/_portero/account`,
      hasChat: senders.length > 0,
    }),
    channels: senders.map(({ channel }) => channel),
    ways: config.sessions.new_device_notice,
    defaultLocale: config.pages.default_locale,
    newToken: randomUUID,
  })
}
