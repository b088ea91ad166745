import type { SessionSummary } from '../domain/sessions/session.ts'
import { deviceInWords } from './device-in-words.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { noteText, paths, phoneText, postForm, withQuery } from './parts.ts'
import { agoIn, sayIn } from './texts/say.ts'
import type { Account } from './token-pages.ts'

/** What has just been done here. */
export type AccountEvent = 'session_ended' | 'device_forgotten' | 'name_saved'

export type AccountPage = {
  readonly account: Account
  readonly sessions: readonly SessionSummary[]
  readonly currentSessionId: string
  /** Other people come in with this phone, too. */
  readonly hasOthers: boolean
  /** This browser has a device cookie that can be forgotten. */
  readonly hasDevice: boolean
  readonly event: AccountEvent | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** Who is signed in, where else, and the ways to end it. */
export function renderAccountPage(look: Look, page: AccountPage): string {
  const say = sayIn(look.locale)
  const { name, phone } = page.account
  const rename = withQuery(paths.name, { return: paths.account })
  const body = html`<h1>${say('account_title')}</h1>
${page.event !== undefined && noteText(say(page.event))}
<dl><div><dt>${say('account_name')}</dt><dd>${name ?? '–'}</dd></div>
<div><dt>${say('account_phone')}</dt><dd>${phoneText(phone)}</dd></div></dl>
<p><a class="plain" href="${rename}">${say(name === undefined ? 'account_add_name' : 'account_change_name')}</a></p>
<div class="stack"><a class="button" href="/">${say('signed_in_continue', { name: look.brand.name })}</a>
${page.hasOthers && html`<a class="button quiet" href="${withQuery(paths.who, { return: paths.account })}">${say('who_change')}</a>`}
${postForm(paths.signOut, {}, html`<button class="quiet">${say('sign_out')}</button>`)}</div>
<h2>${say('sessions_title')}</h2>
<ul class="list">${page.sessions.map((session) => sessionItem(look, page, session))}</ul>
${page.sessions.length > 1 && postForm(paths.signOut, { all: '1' }, html`<button class="quiet">${say('sign_out_all')}</button>`)}
${
  page.hasDevice &&
  html`<div class="more"><p class="hint" id="forget">${say('forget_device_hint')}</p>
${postForm(paths.forgetDevice, {}, html`<button class="quiet" aria-describedby="forget">${say('forget_device')}</button>`)}</div>`
}`
  return layout(look, { title: say('account_title'), body })
}

function sessionItem(look: Look, page: AccountPage, session: SessionSummary): Html {
  const say = sayIn(look.locale)
  const device = deviceInWords(look.locale, session.userAgent)
  const ago = agoIn(look.locale, (page.now - session.lastSeenAt.getTime()) / 1000)
  const isHere = session.id === page.currentSessionId
  const facts = [
    say('session_seen', { when: ago ?? say('just_now') }),
    session.address === undefined ? undefined : say('session_from', { address: session.address }),
    session.isShared ? say('session_shared') : undefined,
  ].filter((fact) => fact !== undefined)
  return html`<li><span>${device}<small>${isHere && html`<strong>${say('session_here')}</strong> · `}${facts.map(
    (fact, i) => [i > 0 && ' · ', fact],
  )}</small></span>${
    !isHere &&
    postForm(
      paths.endSession,
      { session_id: session.id },
      html`<button class="quiet" aria-label="${say('session_end_label', { device })}">${say('session_end')}</button>`,
    )
  }</li>`
}
