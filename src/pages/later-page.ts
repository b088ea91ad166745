import { html } from './html.ts'
import { art } from './icons.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { contactText, paths, postForm, referenceText, withQuery } from './parts.ts'
import { durationIn, sayIn } from './texts/say.ts'
import { whatsappForm } from './whatsapp-page.ts'

export type LaterPage = {
  readonly reason: 'too_many_codes' | 'too_many_tries'
  readonly waitSeconds: number
  /** This browser still holds a challenge that can be answered. */
  readonly hasLiveCode: boolean
  /** A message to the organisation costs nothing, and so is not limited by what codes cost. */
  readonly hasWhatsapp: boolean
  /** Under which the organisation finds this attempt again. */
  readonly reference: string | undefined
  readonly returnTo: string
}

/** Above a limit: when to come back, and the ways in that are still open. */
export function renderLaterPage(look: Look, page: LaterPage): string {
  const say = sayIn(look.locale)
  const contact = contactText(look)
  const again = withQuery(paths.signIn, { return: page.returnTo })
  const title = say('later_title')
  const time = html`<strong data-clock>${durationIn(look.locale, page.waitSeconds)}</strong>`
  const body = html`${art.wait}<h1>${title}</h1>
<p class="lead" data-wait="${page.waitSeconds}">${say(page.reason, { time })}</p>
<div class="stack">${
    page.hasLiveCode && page.reason === 'too_many_codes'
      ? html`<p>${say('way_have_code')}</p><a class="button" href="${again}">${say('way_type_code')}</a>`
      : html`<a class="button quiet" href="${again}">${say('try_again')}</a>`
  }
${postForm(paths.restart, { return: page.returnTo }, html`<button class="quiet">${say('other_number')}</button>`)}</div>
<div class="more"><h2>${say('ways_in')}</h2>
${page.hasWhatsapp && page.reason === 'too_many_codes' && html`<div class="field">${whatsappForm(look, page.returnTo, true)}</div>`}
<p>${say('way_known_browser')}</p>
${contact !== undefined && html`<p>${say('way_contact', { contact })}</p>`}${referenceText(look, page.reference)}</div>`
  return layout(look, { title, body })
}
