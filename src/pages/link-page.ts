import { formatPhone, maskPhone } from '../domain/phones/phone-facts.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { maskedText, paths, postForm, sharedCheck, telling } from './parts.ts'
import { sayIn } from './texts/say.ts'
import type { Account } from './token-pages.ts'

export type LinkPage = {
  readonly account: Account
  /** Who is signed in now, if that is somebody else. */
  readonly current: Account | undefined
  /** Path of this very link. */
  readonly action: string
}

/**
 * A one-time link of the bot: whose account it opens, and a button, since whatever fetches links must open nothing. Somebody to
 * whom it was passed on sees that it is not theirs; of the number no more than its owner needs to know it by.
 */
export function renderLinkPage(look: Look, { account, current, action }: LinkPage): string {
  const say = sayIn(look.locale)
  const person = account.name ?? maskPhone(account.phone)
  const now = current && (current.name ?? formatPhone(current.phone))
  const body = html`<h1>${say('confirm_title', { person })}</h1>
<p class="lead">${say('link_lead', { phone: maskedText(account.phone) })}</p>
${now !== undefined && html`<p>${say('confirm_switch', { current: html`<strong>${now}</strong>` })}</p>`}
${postForm(
  action,
  {},
  html`${sharedCheck(look)}
<button data-busy="${say('code_busy')}">${labelOf(look, person, now)}</button>`,
)}
<p class="aside"><a href="${now === undefined ? paths.signIn : '/'}">${say('confirm_cancel')}</a></p>`
  return layout(look, { title: say('confirm_title', { person }), body })
}

/** A link that opens nothing: unknown, expired, used and taken back all look the same. */
export function renderDeadLinkPage(look: Look): string {
  const say = sayIn(look.locale)
  const title = say('dead_title')
  const action = html`<a class="button" href="${paths.signIn}">${say('dead_action')}</a>`
  return layout(look, { title, body: telling('link', title, say('link_dead_lead'), action) })
}

function labelOf(look: Look, person: string, now: string | undefined): Html {
  const say = sayIn(look.locale)
  return now === undefined ? say('confirm_continue') : say('link_switch', { current: now, person })
}
