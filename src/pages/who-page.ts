import type { RefusalCode } from '../domain/errors.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { paths, phoneText, postForm, wrongText } from './parts.ts'
import { refusalText, sayIn } from './texts/say.ts'

type OnePerson = { readonly id: string; readonly name: string | undefined }

export type WhoPage = {
  readonly phone: PhoneNumber
  /** In the order of the buttons: first whose session is open. */
  readonly people: readonly OnePerson[]
  /** Why the last choice could not be. */
  readonly refusal: RefusalCode | undefined
  readonly returnTo: string
}

/** Which of the people of one phone somebody is: a button for each, and a way out for whoever is none of them. */
export function renderWhoPage(look: Look, page: WhoPage): string {
  const say = sayIn(look.locale)
  const { people, phone, refusal, returnTo } = page
  const choices = people.map(
    (person) => html`<button name="person_id" value="${person.id}">${labelOf(look, people, person)}</button>
`,
  )
  const body = html`<h1>${say('who_title')}</h1>
<p class="lead">${say('who_lead', { phone: phoneText(phone) })}</p>
${refusal !== undefined && wrongText(refusalText(look.locale, refusal))}
${postForm(paths.who, { return: returnTo }, html`<div class="stack">${choices}</div>`)}
<div class="more">${postForm(paths.signOut, {}, html`<button class="quiet">${say('sign_out')}</button>`)}</div>`
  return layout(look, { title: say('who_title'), body })
}

/** Their name; with a number where two have the same or none, the same number whoever comes first. */
function labelOf(look: Look, people: readonly OnePerson[], { id, name }: OnePerson): Html {
  const alike = people
    .filter((person) => person.name === name)
    .map((person) => person.id)
    .sort()
  const label = name ?? sayIn(look.locale)('who_nameless')
  return html`<span><bdi>${label}</bdi>${alike.length > 1 && ` (${alike.indexOf(id) + 1})`}</span>`
}
