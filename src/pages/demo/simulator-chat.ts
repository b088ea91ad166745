import { formatPhone } from '../../domain/phones/phone-facts.ts'
import type { PhoneNumber } from '../../domain/phones/phone-number.ts'
import { type Fragment, type Html, html } from '../html.ts'
import type { Look } from '../look.ts'
import { paths } from '../parts.ts'
import type { ArrivedMessage } from './arrived-message.ts'
import { demoTexts } from './demo-texts.ts'
import { reloadIcon, sendIcon } from './simulator-icons.ts'

/** Where a phone's messages to the bot are posted. */
export const writePath = `${paths.demo}/messages`

type Composer = {
  /** Whose phone it is; asked for in the form when not known. */
  readonly phone: PhoneNumber | undefined
  /** What was typed as a phone and is none. */
  readonly wrongPhone: string | undefined
  readonly samplePhone: string
  /** Written already, to be sent. */
  readonly prepared?: string | undefined
  /** Chosen in the address; stays there. */
  readonly lang: string | undefined
}

/** The field with which the phone writes to the bot. */
export function composer(look: Look, { phone, wrongPhone, samplePhone, prepared, lang }: Composer): Html {
  const texts = demoTexts[look.locale]
  return html`<form class="compose" method="post" action="${writePath}"${phone !== undefined && html` data-live`}>
${hidden('lang', lang)}${
  phone !== undefined
    ? html`${hidden('phone', phone)}<noscript><a class="reload" href="">${reloadIcon}<span>${texts.chat_reload}</span></a></noscript>`
    : html`<label class="from"><span>${texts.chat_from}</span><input name="phone" type="tel" required value="${wrongPhone ?? samplePhone}"${
        wrongPhone !== undefined && html` aria-invalid="true" aria-describedby="wrong-phone"`
      }></label>${wrongPhone !== undefined && html`<p class="no-phone" id="wrong-phone" role="alert">${texts.chat_wrong_phone}</p>`}`
}
<div class="line"><input name="text" aria-label="${texts.chat_write}" placeholder="${texts.chat_write}"  required maxlength="1000" autocomplete="off"${prepared !== undefined && html` value="${prepared}"`} enterkeyhint="send"><button aria-label="${texts.chat_send}">${sendIcon}</button></div>
</form>`
}

/** The buttons under one of the bot's replies; each writes for the phone that has it. */
export function choices({ to, buttons }: Pick<ArrivedMessage, 'to' | 'buttons'>): Fragment {
  if (buttons.length === 0) return ''
  return html`<form class="choices" method="post" action="${writePath}" data-live>${hidden('phone', to)}${buttons.map(
    ({ id, title }) => html`<button name="button" value="${`${id} ${title}`}">${title}</button>`,
  )}</form>`
}

/** Whose message of the chat it is, for the view of all phones. */
export function chatMeta(look: Look, { chat, to }: ArrivedMessage): string {
  const texts = demoTexts[look.locale]
  return `${chat === 'phone' ? texts.from : texts.to} ${formatPhone(to)}`
}

function hidden(name: string, value: string | undefined): Fragment {
  return value === undefined ? '' : html`<input type="hidden" name="${name}" value="${value}">`
}
