import type { AppSession } from '../domain/upstream/app-accounts.ts'
import { html, markupOf, raw } from './html.ts'
import type { Look } from './look.ts'
import { sayIn } from './texts/say.ts'

const source = `(function () {
var given = document.querySelector('main').dataset
try {
  var storage = JSON.parse(given.storage)
  if (localStorage.getItem('portero-account') !== given.account) { localStorage.clear(); sessionStorage.clear() }
  localStorage.setItem('portero-account', given.account)
  for (var name in storage) localStorage.setItem(name, storage[name])
} catch (e) {}
location.replace(given.to)
})()`

/**
 * The script of the hand-off, constant so that its hash can stand in the policy; what it sets comes in attributes. What
 * another person left in this browser (drafts, settings) goes before the new session is written.
 */
export const handOffScript = source.replace(/\n\s*/g, '\n')

/** A page that is left at once; its text only shows where that takes long. */
export function renderHandOffPage(
  look: Look,
  page: { readonly session: Pick<AppSession, 'accountId' | 'storage'>; readonly returnTo: string },
): string {
  const { brand, locale } = look
  const say = sayIn(locale)
  return markupOf(html`<!doctype html>
<html lang="${locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${say('handoff_title')} · ${brand.name}</title>
<link rel="icon" href="data:,">
<style>${raw(brand.style)}</style>
</head>
<body>
<main data-account="${page.session.accountId}" data-storage="${JSON.stringify(page.session.storage)}" data-to="${page.returnTo}">
<noscript><h1>${say('handoff_title')}</h1><p class="lead">${say('handoff_no_script')}</p></noscript>
</main>
<script>${raw(handOffScript)}</script>
</body>
</html>
`)
}
