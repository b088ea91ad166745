import { aboutMark } from '../domain/conversation/button.ts'
import type { Locale } from '../domain/locale.ts'
import { asGsm } from '../domain/messaging/code-text.ts'
import type { DocumentNotice } from '../domain/notices/notice-store.ts'
import type { WordsOf } from '../domain/notices/tell-notice.ts'
import { notMe } from './chat-notices.ts'
import { clockTime } from './clock-time.ts'
import { languageOf, type NoticeTemplate } from './notice-template.ts'

type Settings = {
  /** The organisation's name, as its people know it. */
  readonly brand: string
  /** The approved template and its languages, if there is one. */
  readonly template: NoticeTemplate | undefined
  /** Epoch ms. */
  readonly now: () => number
}

/** The words in which a phone is told that the document of somebody whom it speaks for was typed on another one. */
export function documentNoticeWords({ brand, template, now }: Settings): WordsOf<DocumentNotice> {
  const fullText = (locale: Locale, notice: DocumentNotice) => {
    const isRecent = now() - notice.typedAt.getTime() < recentMs
    const time = isRecent ? undefined : clockTime(locale, notice.phone, notice.typedAt, 'long')
    return inFull[locale](time)
  }
  return {
    inChat: (locale, notice) => ({ text: fullText(locale, notice), buttons: [buttonOf(locale, notice)] }),
    bySms: (locale) => sms[locale](asGsm(brand)),
    byTemplate: (locale, notice) =>
      template && {
        text: fullText(locale, notice),
        template: {
          name: template.name,
          language: languageOf(template, locale),
          parameters: [brand],
          buttons: [buttonOf(locale, notice)],
        },
      },
  }
}

/**
 * Pressed however late, it counts as the words, about the person whose document it was: nothing ties it to a moment of the
 * conversation, nor to who has the word on that phone.
 */
function buttonOf(locale: Locale, { personId }: DocumentNotice) {
  return { id: `${aboutMark(personId)}.do.not_me`, title: notMe[locale] }
}

/** What is told later than this had to wait. */
const recentMs = 10 * 60 * 1000

/** `time`: when it was, where it was not just now. */
const inFull: Readonly<Record<Locale, (time: string | undefined) => string>> = {
  es: (time) =>
    `${time === undefined ? 'Recién' : `El ${time}`} alguien escribió tu documento desde otro teléfono, para que ahí también te reconozca. Si fuiste vos, no hace falta que hagas nada. Si no, respondé "no fui yo".`,
  'pt-BR': (time) =>
    `${time === undefined ? 'Alguém acabou de escrever' : `Em ${time} alguém escreveu`} o seu documento em outro telefone, para ser reconhecido como você por lá. Se foi você, não precisa fazer nada. Se não, responda "não fui eu".`,
  en: (time) =>
    `${time === undefined ? 'Somebody has just typed' : `On ${time} somebody typed`} your document on another phone, to be recognised as you there. If it was you, there is nothing to do. If not, answer "it wasn't me".`,
}

/** One segment of GSM-7, with the longest name. */
const sms: Readonly<Record<Locale, (brand: string) => string>> = {
  es: (brand) =>
    `${brand}: escribieron tu documento desde otro telefono. Si fuiste vos, no hagas nada. Si no, escribi NO FUI YO por WhatsApp.`,
  'pt-BR': (brand) =>
    `${brand}: escreveram o seu documento em outro telefone. Se foi voce, tudo certo. Se nao, escreva NAO FUI EU no WhatsApp.`,
  en: (brand) =>
    `${brand}: your document was typed on another phone. If it was you, there is nothing to do. If not, write NOT ME on WhatsApp.`,
}
