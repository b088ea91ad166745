import { formatPhone } from '../domain/phones/phone-facts.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { paths, phoneText, postForm, telling, withQuery } from './parts.ts'
import { sayIn } from './texts/say.ts'

/** Whom a page speaks of. */
export type Account = { readonly name: string | undefined; readonly phone: PhoneNumber }

export type ConfirmPage = {
  readonly account: Account
  /** Who is signed in now, if that is somebody else. */
  readonly current: Account | undefined
  readonly token: string
  readonly returnTo: string
}

/** A sign-in link that came from elsewhere: whose account it opens, and a button, so that nobody is switched unawares. */
export function renderConfirmPage(look: Look, page: ConfirmPage): string {
  const say = sayIn(look.locale)
  const { name, phone } = page.account
  const title = say('confirm_title', { person: name ?? formatPhone(phone) })
  const current =
    page.current && say('confirm_switch', { current: html`<strong>${accountName(page.current)}</strong>` })
  const body = html`<h1>${say('confirm_title', { person: accountName(page.account) })}</h1>
${name !== undefined && html`<p>${phoneText(phone)}</p>`}
<p class="lead">${say('confirm_lead')}</p>
${current !== undefined && html`<p>${current}</p>`}
<div class="stack">${postForm(
    paths.token,
    { token: page.token, return: page.returnTo },
    html`<button>${say('confirm_continue')}</button>`,
  )}
<a class="button quiet" href="${page.current === undefined ? paths.signIn : '/'}">${say('confirm_cancel')}</a></div>`
  return layout(look, { title, body })
}

/** A sign-in link that opens nothing: unknown, expired and ended all look the same. */
export function renderDeadTokenPage(look: Look, page: { readonly returnTo: string }): string {
  const say = sayIn(look.locale)
  const href = withQuery(paths.signIn, { return: page.returnTo })
  const action = html`<a class="button" href="${href}">${say('dead_action')}</a>`
  return layout(look, {
    title: say('dead_title'),
    body: telling('link', say('dead_title'), say('dead_lead'), action),
  })
}

/** What link previews and prefetchers see of a sign-in link: nothing about anybody, and it does nothing. */
export function renderPreviewPage(look: Look): string {
  const say = sayIn(look.locale)
  const lead = say('preview_lead', { name: look.brand.name })
  return layout(look, {
    title: say('preview_title'),
    body: telling('link', say('preview_title'), lead, undefined),
  })
}

function accountName(account: Account): string | Html {
  return account.name ?? phoneText(account.phone)
}
