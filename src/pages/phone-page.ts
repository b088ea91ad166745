import type { Country } from './countries.ts'
import { html } from './html.ts'
import { chevronIcon } from './icons.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { paths, postForm, wrongText } from './parts.ts'
import { sayIn } from './texts/say.ts'
import { whatsappForm } from './whatsapp-page.ts'

export type PhonePage = {
  readonly countries: readonly Country[]
  /** ISO 3166 code of the chosen one. */
  readonly region: string
  /** What was typed before, as it was typed. */
  readonly typed: string
  readonly wrong: string | undefined
  /** People can write to the organisation, and come in by that. */
  readonly hasWhatsapp: boolean
  /** Whether codes can be sent; if not, people send a message instead. */
  readonly canSend: boolean
  readonly returnTo: string
}

/** First step: country and number. */
export function renderPhonePage(look: Look, page: PhonePage): string {
  const say = sayIn(look.locale)
  if (!page.canSend && page.hasWhatsapp) return onlyByMessage(look, page)
  const chosen = page.countries.find((country) => country.code === page.region) ?? page.countries[0]
  const hint = chosen?.example === undefined ? '' : say('phone_hint', { example: chosen.example })
  const select = html`<div class="field"><label for="country">${say('phone_country')}</label>
<div class="choice"><select id="country" name="country" autocomplete="country">${page.countries.map((country) => option(country, country === chosen))}</select>${chevronIcon}</div></div>`
  const only = html`<input type="hidden" name="country" value="${page.region}">`
  const body = html`<h1>${say('phone_title')}</h1><p class="lead">${say('phone_lead')}</p>
${postForm(
  paths.phone,
  { return: page.returnTo },
  html`${page.countries.length > 1 ? select : only}
<div class="field"><label for="phone">${say('phone_number')}</label>
<input id="phone" name="phone" type="tel" inputmode="tel" autocomplete="tel" required maxlength="64" enterkeyhint="next" value="${page.typed}" dir="ltr"${
    page.wrong === undefined
      ? html` aria-describedby="hint"`
      : html` aria-invalid="true" aria-describedby="wrong hint" autofocus`
  }>
${page.wrong !== undefined && wrongText(page.wrong, 'wrong')}
<p class="hint" id="hint" data-text="${say('phone_hint', { example: '{example}' })}">${hint}</p></div>
<div class="stack"><button data-busy="${say('phone_busy')}">${say('phone_next')}</button>${
    page.hasWhatsapp &&
    html`<button class="quiet" formaction="${paths.whatsapp}" formnovalidate>${say('whatsapp_button')}</button>`
  }</div>`,
)}`
  return layout(look, { title: say('phone_title'), body })
}

function onlyByMessage(look: Look, { returnTo, wrong }: PhonePage): string {
  const say = sayIn(look.locale)
  const body = html`<h1>${say('phone_title')}</h1><p class="lead">${say('whatsapp_only_lead')}</p>
${wrong !== undefined && wrongText(wrong, 'wrong')}${whatsappForm(look, returnTo, false)}`
  return layout(look, { title: say('phone_title'), body })
}

/** Without quotes and end tags, which HTML lets one leave out: the whole world must fit into a small page. */
function option(country: Country, isChosen: boolean) {
  const example = country.example !== undefined && html` data-example="${country.example}"`
  return html`<option value=${country.code}${example}${isChosen && html` selected`}>${country.name} ${country.callingCode}`
}
