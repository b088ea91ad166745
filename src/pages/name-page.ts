import { html } from './html.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { paths, postForm, wrongText } from './parts.ts'
import { refusalText, sayIn } from './texts/say.ts'

export type NamePage = {
  readonly typed: string
  readonly isWrong: boolean
  readonly returnTo: string
}

/** A newcomer's name, asked once; it can be skipped. */
export function renderNamePage(look: Look, page: NamePage): string {
  const say = sayIn(look.locale)
  const invalid = page.isWrong && html` aria-invalid="true" aria-describedby="wrong"`
  const body = html`<h1>${say('name_title')}</h1><p class="lead">${say('name_lead')}</p>
${postForm(
  paths.name,
  { return: page.returnTo },
  html`<div class="field"><label for="name">${say('name_label')}</label>
<input id="name" name="name" type="text" autocomplete="name" autocapitalize="words" required maxlength="80" dir="auto" value="${page.typed}"${invalid} autofocus>
${page.isWrong && wrongText(refusalText(look.locale, 'invalid_name'), 'wrong')}</div>
<div class="stack"><button>${say('name_save')}</button>
<a class="button quiet" href="${page.returnTo}">${say('name_skip')}</a></div>`,
)}`
  return layout(look, { title: say('name_title'), body })
}
