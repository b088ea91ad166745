import { html } from './html.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { contactText, paths, postForm, referenceText, telling } from './parts.ts'
import { sayIn } from './texts/say.ts'

/** Why somebody who proved their number is still not let in. */
export type NotIn = 'waiting' | 'blocked' | 'unknown'

export type NotInPage = {
  readonly why: NotIn
  /** Under which the organisation finds this attempt again. */
  readonly reference: string | undefined
  readonly returnTo: string
}

/** A right code that opens no session: what is missing, and whom to ask. */
export function renderNotInPage(look: Look, page: NotInPage): string {
  const say = sayIn(look.locale)
  const contact = contactText(look)
  const title = say(`${page.why}_title`)
  const lead = html`${say(`${page.why}_lead`, { name: look.brand.name })}${
    contact !== undefined && html` ${say('ask_contact', { contact })}`
  }`
  const label = page.why === 'waiting' ? 'try_again' : 'other_number'
  const again = postForm(
    paths.restart,
    { return: page.returnTo },
    html`<button class="quiet">${say(label)}</button>`,
  )
  return layout(look, {
    title,
    body: telling(page.why === 'waiting' ? 'wait' : 'closed', title, lead, [
      again,
      referenceText(look, page.reference),
    ]),
  })
}
