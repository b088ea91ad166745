import { html } from './html.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { paths, phoneText, postForm, telling, withQuery } from './parts.ts'
import { sayIn } from './texts/say.ts'
import type { Account } from './token-pages.ts'

/** Somebody who comes to the door and is in already. */
export function renderSignedInPage(
  look: Look,
  page: { readonly account: Account; readonly returnTo: string },
): string {
  const say = sayIn(look.locale)
  const title = say('signed_in_title', { person: page.account.name ?? 'none' })
  const actions = html`<a class="button" href="${page.returnTo}">${say('signed_in_continue', { name: look.brand.name })}</a>
<a class="button quiet" href="${paths.account}">${say('sessions_link')}</a>
${postForm(paths.signOut, {}, html`<button class="quiet">${say('sign_out')}</button>`)}`
  const lead = say('signed_in_lead', { phone: phoneText(page.account.phone) })
  return layout(look, { title, body: telling('open', title, lead, actions) })
}

/** After signing out, here or everywhere. */
export function renderSignedOutPage(look: Look, page: { readonly isEverywhere: boolean }): string {
  const say = sayIn(look.locale)
  const lead = say(page.isEverywhere ? 'signed_out_all_lead' : 'signed_out_lead')
  const again = html`<a class="button" href="${withQuery(paths.signIn, {})}">${say('signed_out_again')}</a>`
  return layout(look, {
    title: say('signed_out_title'),
    body: telling('closed', say('signed_out_title'), lead, again),
  })
}
