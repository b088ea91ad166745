import { randomUUID } from 'node:crypto'
import { noticeWords } from '../bot/notice-words.ts'
import type { ChatSender } from '../domain/chat/chat-sender.ts'
import { chatSendsPerHour } from '../domain/conversation/strict-contact.ts'
import { type NoticeWorker, openNoticeWorker } from '../domain/notices/open-notices.ts'
import { paths } from '../pages/parts.ts'
import type { Portero } from './compose.ts'

/** Tells phones in the background of new sessions, and of documents typed elsewhere, by the ways that there are. */
export function openNotices(portero: Portero, senders: readonly ChatSender[]): NoticeWorker {
  const { config, publicUrl } = portero
  const { notice_template, document_notice_template, notice_languages: languages } = config.whatsapp
  const templateOf = (name: string | undefined) => (name === undefined ? undefined : { name, languages })
  return openNoticeWorker({
    ...portero,
    words: noticeWords({
      ...{ brand: config.pages.name, now: portero.now },
      template: templateOf(notice_template),
      documentTemplate: templateOf(document_notice_template),
      accountUrl: publicUrl && `${publicUrl.host}${paths.account}`,
      hasChat: senders.length > 0,
    }),
    channels: senders.map(({ channel }) => channel),
    ways: config.sessions.new_device_notice,
    paidPerHour: chatSendsPerHour(config.limits),
    allowedRegions: config.phone.allowed_regions,
    defaultLocale: config.pages.default_locale,
    newToken: randomUUID,
  })
}
