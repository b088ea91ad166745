import type { NoticeWords } from '../domain/notices/tell-notice.ts'
import { documentNoticeWords } from './document-notice.ts'
import type { NoticeTemplate } from './notice-template.ts'
import { type NoticeSettings, sessionNoticeWords } from './session-notice.ts'

/** The words in which phones are told what they did not ask for, in three languages. */
export function noticeWords(
  settings: NoticeSettings & {
    readonly documentTemplate: NoticeTemplate | undefined
    readonly now: () => number
  },
): NoticeWords {
  const session = sessionNoticeWords(settings)
  const document = documentNoticeWords({ ...settings, template: settings.documentTemplate })
  return {
    inChat: (locale, notice) =>
      notice.kind === 'session' ? session.inChat(locale, notice) : document.inChat(locale, notice),
    bySms: (locale, notice) =>
      notice.kind === 'session' ? session.bySms(locale, notice) : document.bySms(locale, notice),
    byTemplate: (locale, notice) =>
      notice.kind === 'session' ? session.byTemplate(locale, notice) : document.byTemplate(locale, notice),
  }
}
