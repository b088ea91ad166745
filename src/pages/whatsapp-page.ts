import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import { type Html, html, raw } from './html.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { maskedText, paths, phoneText, postForm, sharedCheck, telling, withQuery } from './parts.ts'
import { qrCode } from './qr-code.ts'
import { sayIn } from './texts/say.ts'

export type WhatsappPage = {
  /** Opens the chat with the message written. */
  readonly href: string
  /** The number that people write to; undefined where the simulated phone does. */
  readonly number: PhoneNumber | undefined
  /** The phone that has to write, where one was typed. */
  readonly phone: PhoneNumber | undefined
  readonly expiresInSeconds: number
  /** Something was posted, and no message has come. */
  readonly isNotYet: boolean
  readonly returnTo: string
}

/** What to send, to whom, and where to type what comes back. It moves on when the message has come: by itself, or by its link. */
export function renderWhatsappPage(look: Look, page: WhatsappPage): string {
  const say = sayIn(look.locale)
  const { number, phone, returnTo } = page
  const onward = withQuery(paths.signIn, { return: returnTo })
  const body = html`<h1>${say('whatsapp_title')}</h1>
${page.isNotYet && html`<p class="note" role="status">${say('whatsapp_not_yet')}</p>`}
<p><strong>1.</strong> ${say('whatsapp_send')}${
    phone !== undefined && html` ${say('whatsapp_only_from', { phone: maskedText(phone) })}`
  }</p>
<a class="button" href="${page.href}" ${number === undefined ? raw('target="portero-phone"') : raw('target="_blank" rel="noopener noreferrer"')}>${say('whatsapp_open')}</a>
${
  number !== undefined &&
  html`<p class="hint">${say('whatsapp_check', { number: phoneText(number) })}</p>
<details><summary>${say('whatsapp_scan')}</summary>${qrCode(page.href, say('whatsapp_qr'))}</details>`
}
<p class="hint">${say('whatsapp_warning')}</p>
<p class="next"><strong>2.</strong> ${say('whatsapp_type')}</p>
${postForm(
  paths.code,
  { return: returnTo },
  html`<div class="field"><label for="code">${say('whatsapp_code')}</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" autocapitalize="off" spellcheck="false" required enterkeyhint="go" dir="ltr" data-digits="6"></div>
${sharedCheck(look)}
<button data-busy="${say('code_busy')}">${say('code_enter')}</button>`,
)}
<div class="more"><p class="hint" data-live="${paths.whatsapp}" data-seconds="${page.expiresInSeconds}" data-onward="${onward}" hidden>${say('whatsapp_live')}</p>
<div class="stack"><a class="button quiet" href="${onward}">${say('whatsapp_sent')}</a>
<a class="button quiet" href="${withQuery(paths.signIn, { edit: 1, return: returnTo })}">${say('whatsapp_other_way')}</a></div></div>`
  return layout(look, { title: say('whatsapp_title'), body })
}

/** No message came in time. */
export function renderWhatsappOverPage(look: Look, { returnTo }: { readonly returnTo: string }): string {
  const say = sayIn(look.locale)
  const title = say('whatsapp_over_title')
  const other = withQuery(paths.signIn, { edit: 1, return: returnTo })
  return layout(look, {
    title,
    body: telling('wait', title, say('whatsapp_over_lead'), [
      whatsappForm(look, returnTo, false),
      html`<a class="button quiet" href="${other}">${say('whatsapp_other_way')}</a>`,
    ]),
  })
}

/** Begins to sign in by a message, from wherever nothing else has been typed. */
export function whatsappForm(look: Look, returnTo: string, isQuiet: boolean): Html {
  const label = sayIn(look.locale)('whatsapp_button')
  return postForm(
    paths.whatsapp,
    { return: returnTo },
    html`<button${isQuiet && html` class="quiet"`}>${label}</button>`,
  )
}
