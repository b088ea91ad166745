import { type Locale, locales } from '../domain/locale.ts'
import { type Fragment, type Html, html, markupOf, raw } from './html.ts'
import { doorMark } from './icons.ts'
import type { Look } from './look.ts'
import { pageScript } from './script.ts'
import { sayIn } from './texts/say.ts'

const languageNames: Readonly<Record<Locale, string>> = { es: 'Español', 'pt-BR': 'Português', en: 'English' }

/** What one page brings to the frame that all share. */
export type PageContent = {
  readonly title: Html | string
  readonly body: Fragment
}

/** A whole document: brand, demo warning, content, languages. Complete without script and without another request. */
export function layout(look: Look, content: PageContent): string {
  const { brand, locale } = look
  const say = sayIn(locale)
  return markupOf(html`<!doctype html>
<html lang="${locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="strict-origin">
<meta name="color-scheme" content="light dark">
<meta name="format-detection" content="telephone=no">
<title>${content.title} · ${brand.name}</title>
<link rel="icon" href="data:,">
<style>${raw(brand.style)}</style>
</head>
<body>
${look.demo.asked && html`<aside class="demo">${say('demo_warning')}</aside>`}
<header>${brand.logo === undefined ? doorMark : html`<img src="${brand.logo}" alt="">`}<span>${brand.name}</span></header>
<main>${content.body}</main>
<footer>
${look.here !== undefined && languages(look, look.here)}
${brand.privacyUrl !== undefined && html`<a href="${safeUrl(brand.privacyUrl)}" rel="noreferrer">${say('privacy')}</a>`}
</footer>
<script>${raw(pageScript)}</script>
</body>
</html>
`)
}

/** The address, if following it can only open a page; `#` for anything else (`javascript:` …). */
export function safeUrl(address: string): string {
  return /^(https?:\/\/|\/(?![/\\]))/i.test(address) ? address : '#'
}

/** Links to this page in the other languages. */
export function languages(look: Look, here: string): Html {
  const glue = here.includes('?') ? '&' : '?'
  return html`<nav aria-label="${sayIn(look.locale)('language')}"><ul>${locales.map((locale) =>
    locale === look.locale
      ? html`<li><span aria-current="true">${languageNames[locale]}</span></li>`
      : html`<li><a href="${here}${glue}lang=${locale}" lang="${locale}" hreflang="${locale}" rel="nofollow">${languageNames[locale]}</a></li>`,
  )}</ul></nav>`
}
