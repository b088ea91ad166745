import type { Channel } from '../domain/messaging/channel.ts'
import { formatPhone, maskPhone } from '../domain/phones/phone-facts.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import { handOffPath } from '../http/hand-off.ts'
import { type Fragment, type Html, html } from './html.ts'
import { type Art, art, doneIcon, wrongIcon } from './icons.ts'
import { safeUrl } from './layout.ts'
import type { Look } from './look.ts'
import { sayIn } from './texts/say.ts'

/** Where the forms and links of the pages lead; `pages.ts` says who answers there. */
export const paths = {
  signIn: '/_portero/signin',
  phone: '/_portero/signin/phone',
  code: '/_portero/signin/code',
  resend: '/_portero/signin/resend',
  restart: '/_portero/signin/restart',
  name: '/_portero/signin/name',
  who: '/_portero/signin/who',
  token: '/signin',
  account: '/_portero/account',
  handOff: handOffPath,
  signOut: '/_portero/signout',
  signedOut: '/_portero/signed-out',
  endSession: '/_portero/sessions/end',
  forgetDevice: '/_portero/device/forget',
  whatsapp: '/_portero/signin/whatsapp',
  /** One-time links, with the token after a slash. */
  link: '/_portero/l',
  logo: '/_portero/logo',
  demo: '/_portero/demo',
} as const

/** A path with what must not get lost on the way; what is undefined, and the front page as return, stays out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && !(name === 'return' && value === '/')) search.set(name, String(value))
  }
  return search.size === 0 ? path : `${path}?${search}`
}

/** A form that posts to us; `fields` travel with it unseen. */
export function postForm(
  action: string,
  fields: Readonly<Record<string, string | undefined>>,
  content: Fragment,
): Html {
  const hidden = Object.entries(fields).map(
    ([name, value]) => value !== undefined && html`<input type="hidden" name="${name}" value="${value}">`,
  )
  return html`<form method="post" action="${action}">${hidden}${content}</form>`
}

/** A number as people write it, on one line, whatever direction the text around it has. */
export function phoneText(phone: PhoneNumber): Html {
  return html`<strong class="phone">${formatPhone(phone)}</strong>`
}

/** A number of which its owner alone is to know the rest. */
export function maskedText(phone: PhoneNumber): Html {
  return html`<strong class="phone">${maskPhone(phone)}</strong>`
}

/** What went wrong, read out by screen readers as soon as the page is there. */
export function wrongText(text: Fragment, id?: string): Html {
  return html`<div class="wrong" role="alert"${id !== undefined && html` id="${id}"`}>${wrongIcon}<span>${text}</span></div>`
}

/** What went well. */
export function noteText(text: Fragment): Html {
  return html`<div class="note" role="status">${doneIcon}<span>${text}</span></div>`
}

/** Lets whoever signs in say that others use this computer as well. */
export function sharedCheck(look: Look): Html {
  const say = sayIn(look.locale)
  return html`<label class="check"><input type="checkbox" name="shared" value="1"><span>${say('code_shared')}<small>${say('code_shared_hint')}</small></span></label>`
}

/** Whom to ask, as a link where that can be one; undefined when the organisation named nobody. */
export function contactText({ brand }: Look): Html | undefined {
  const { contact } = brand
  if (contact === undefined) return undefined
  if (/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(contact))
    return html`<a href="mailto:${contact}">${contact}</a>`
  if (/^https:\/\/\S+$/.test(contact)) {
    return html`<a href="${safeUrl(contact)}" rel="noreferrer">${contact.replace(/^https:\/\//, '')}</a>`
  }
  return html`${contact}`
}

/** A page that tells something: picture, title, sentence, and one thing to do. */
export function telling(picture: Art, title: Html, lead: Fragment, actions: Fragment): Html {
  return html`${art[picture]}<h1>${title}</h1><p class="lead">${lead}</p><div class="stack">${actions}</div>`
}

/** The button that asks for the code once more, by one channel. */
export function resendButton(
  look: Look,
  channel: Channel,
  label: 'code_resend_by' | 'code_other_channel',
  hold: boolean,
) {
  const say = sayIn(look.locale)
  return html`<button class="quiet" name="channel" value="${channel}"${hold && html` data-held`}>${say(label, { channel })}</button>`
}

/** The reference to name when asking; the operator's log has the rest. */
export function referenceText(look: Look, reference: string | undefined): Html | undefined {
  return reference === undefined
    ? undefined
    : html`<p class="ref">${sayIn(look.locale)('reference', { reference })}</p>`
}
