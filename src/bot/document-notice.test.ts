import { expect, test } from 'vitest'
import { readButton } from '../domain/conversation/button.ts'
import { readCommand } from '../domain/conversation/command.ts'
import { locales } from '../domain/locale.ts'
import type { DocumentNotice } from '../domain/notices/notice-store.ts'
import { canonicalPhone } from '../domain/phones/phone-number.ts'
import { documentNoticeWords } from './document-notice.ts'

const notice: DocumentNotice = {
  ...{ kind: 'document', id: '1', phone: canonicalPhone('+5491123456789'), attempts: 1, isSilenced: false },
  ...{ personId: '7b0e6f6e-6f8a-4d83-9a57-1d1a4a2b7f10', paidLately: 0 },
  typedAt: new Date('2026-11-29T06:41:00Z'),
}
const brand = 'Cooperativa Eléctrica de Ñandubay y Sur'
const now = () => Date.parse('2026-11-29T06:42:00Z')
const words = documentNoticeWords({ brand, template: undefined, now })

test.each(locales)('by SMS it is one segment in %s, and says words that are understood', (locale) => {
  const text = words.bySms(locale, notice)
  expect(text).toMatch(/^[\x20-\x5a\x61-\x7a]+$/)
  expect(text.length).toBeLessThanOrEqual(160)
  const [said] = /NO FUI YO|NAO FUI EU|NOT ME/.exec(text)!
  expect(readCommand(said)?.command).toBe('not_me')
})

test.each(locales)('its button means the person in %s, in a chat and in a template', (locale) => {
  expect(words.byTemplate(locale, notice)).toBeUndefined()
  const template = { name: 'document_typed', languages: ['pt_BR', 'es_AR'] }
  const sent = documentNoticeWords({ brand, template, now }).byTemplate(locale, notice)!
  expect(sent.template).toMatchObject({ name: 'document_typed', parameters: [brand] })
  expect(sent.template.language).toBe(locale === 'es' ? 'es_AR' : 'pt_BR')
  expect(sent.template.buttons).toEqual(words.inChat(locale, notice).buttons)
  const [button] = sent.template.buttons
  expect(button!.title.length).toBeLessThanOrEqual(20)
  expect(readButton(button!.id, 'n1')).toMatchObject({ command: 'not_me', about: notice.personId })
})

test.each([
  ['es', 'Recién alguien escribió tu documento', 'El 29 de noviembre a las 03:41 ART alguien escribió'],
  ['pt-BR', 'Alguém acabou de escrever', 'Em 29 de novembro às 03:41'],
  ['en', 'Somebody has just typed', 'On November 29 at 03:41'],
] as const)('says in %s when it was, once it had to wait', (locale, soon, late) => {
  expect(words.inChat(locale, notice).text).toContain(soon)
  const old = new Date('2026-12-09T06:42:00Z').getTime()
  const later = documentNoticeWords({ brand, template: undefined, now: () => old })
  expect(later.inChat(locale, notice).text).toContain(late)
})
