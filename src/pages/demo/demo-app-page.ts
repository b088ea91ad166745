import type { IncomingHttpHeaders } from 'node:http'
import type { Locale } from '../../domain/locale.ts'
import { accentOf } from '../accent.ts'
import { type Html, html, markupOf, raw } from '../html.ts'
import { doorMark } from '../icons.ts'
import { contentSecurityPolicy } from '../page-headers.ts'
import { paths } from '../parts.ts'
import { styleSheet } from '../style-sheet.ts'
import { type DemoTexts, demoTexts } from './demo-texts.ts'

const style =
  styleSheet(accentOf(undefined)) +
  `.app{flex:none;width:100%;max-width:64rem;padding:0 1.5rem 3rem;background:none;border:0;border-radius:0;box-shadow:none}
.top{display:flex;align-items:center;justify-content:space-between;gap:1rem;padding:1.25rem 0;font-weight:650}
.top .mark{width:2.25rem;height:2.25rem;color:var(--link)}
.top a{display:inline-flex;align-items:center;min-height:2.75rem}
.top nav{display:flex;gap:1.5rem;font-weight:500}
.hero{padding:3.25rem 2.75rem;border-radius:1.75rem;background:radial-gradient(90% 150% at 100% 0,#3f949a,transparent 65%),linear-gradient(135deg,#0b4650,#0f5b66);color:#fff;margin-bottom:1.5rem}
.hero h1{font-size:clamp(2.1rem,6vw,3.25rem);margin-bottom:.75rem}
.hero p{margin:0;max-width:36rem;color:#e2f1f0;font-size:1.125rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1.5rem}
.card{background:var(--card);border:1px solid var(--hair);border-radius:1.25rem;padding:1.5rem;min-width:0}
.card h2{margin:0 0 .25rem}
.card>p{color:var(--soft);font-size:.9375rem}
.wide{grid-column:1/-1}
.wide dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:0 2.5rem}
.wide dl div{display:block}
.wide dd{text-align:start;font-size:1.0625rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.wide dd code{font-weight:400;color:var(--soft);font-size:.8125rem;display:block;overflow:hidden;text-overflow:ellipsis}
.card>.clock{font-size:2.75rem;font-weight:680;letter-spacing:-.02em;font-variant-numeric:tabular-nums;margin:0;color:var(--ink)}
.card>.said{color:var(--ink);font-size:1rem;min-height:1.75rem;margin:.75rem 0 0;font-weight:600;overflow-wrap:anywhere}
input[type=file]{display:block;width:100%;font:inherit;margin-bottom:.75rem}
.card form{display:block}
.card button{min-height:3rem;font-size:1rem;margin-top:.75rem}
@media (max-width:36rem){.top nav{font-size:.9375rem}.app{padding:0 1rem 2rem}.hero{padding:2.25rem 1.5rem}.top nav{gap:1rem}}`.replace(
    /\n/g,
    '',
  )

const script = `(function () {
var d = document, clock = d.getElementById('clock'), said = d.getElementById('said'), got = d.getElementById('got')
new EventSource('/clock').onmessage = function (event) { clock.textContent = new Date(Number(event.data)).toLocaleTimeString() }
var socket
function open() {
  socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/echo')
  socket.onmessage = function (event) { said.textContent = event.data }
  socket.onclose = function () { setTimeout(open, 2000) }
}
open()
d.getElementById('echo').addEventListener('submit', function (event) {
  event.preventDefault()
  if (socket.readyState === 1) socket.send(event.target.text.value)
})
d.getElementById('upload').addEventListener('submit', function (event) {
  event.preventDefault()
  window.fetch('/upload', { method: 'POST', body: event.target.file.files[0] })
    .then(function (answer) { return answer.json() })
    .then(function (received) { got.textContent = got.dataset.text.replace('{bytes}', received.bytes.toLocaleString()) })
})
})()`

/** Headers of the demo app's page. */
export const demoAppHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': contentSecurityPolicy(style, [script], { connect: true }),
  'cache-control': 'no-store',
}

/** The page of the app behind: it greets whoever the gateway says is there, and shows what came with the request. */
export function renderDemoApp(locale: Locale, headers: IncomingHttpHeaders): string {
  const texts = demoTexts[locale]
  const name = headerOf(headers, 'x-portero-name')
  const hello = name === '' ? texts.app_hello : texts.app_hello_name.replace('{name}', () => name)
  return markupOf(html`<!doctype html>
<html lang="${locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${hello}</title>
<link rel="icon" href="data:,">
<style>${raw(style)}</style>
</head>
<body>
<main class="app">
<div class="top">${doorMark}<nav><a href="${paths.demo}">${texts.app_phone_link}</a><a href="${paths.account}">${texts.app_account}</a></nav></div>
<div class="hero"><h1>${hello}</h1><p>${texts.app_lead}</p></div>
<div class="cards">
<section class="card wide"><h2>${texts.app_knows}</h2><p>${texts.app_knows_hint}</p><dl>${facts(texts, headers)}</dl></section>
<section class="card"><h2>${texts.app_clock}</h2><p>${texts.app_clock_hint}</p><p class="clock" id="clock">–:–</p></section>
<section class="card"><h2>${texts.app_echo}</h2><p>${texts.app_echo_hint}</p>
<form id="echo"><label for="text">${texts.app_echo_label}</label><input id="text" name="text" type="text" maxlength="200" required autocomplete="off"><button class="quiet">${texts.app_echo_send}</button></form>
<p class="said" id="said" role="status"></p></section>
<section class="card"><h2>${texts.app_upload}</h2><p>${texts.app_upload_hint}</p>
<form id="upload" method="post" action="/upload" enctype="multipart/form-data"><label for="file">${texts.app_upload_label}</label><input id="file" name="file" type="file" required><button class="quiet">${texts.app_upload_send}</button></form>
<p class="said" id="got" role="status" data-text="${texts.app_uploaded}"></p></section>
</div>
</main>
<script>${raw(script)}</script>
</body>
</html>
`)
}

function facts(texts: DemoTexts, headers: IncomingHttpHeaders): Html[] {
  const level = headerOf(headers, 'x-portero-level')
  const levels: Record<string, string> = {
    confirmed: texts.app_level_confirmed,
    verified: texts.app_level_verified,
  }
  const rows: [string, string, string][] = [
    [texts.app_name, 'X-Portero-Name', headerOf(headers, 'x-portero-name')],
    [texts.app_phone, 'X-Portero-Phone', headerOf(headers, 'x-portero-phone')],
    [texts.app_level, 'X-Portero-Level', levels[level] ?? level],
    [texts.app_person, 'X-Portero-User', headerOf(headers, 'x-portero-user')],
    ['E-mail', 'X-Portero-Email', headerOf(headers, 'x-portero-email')],
    [texts.app_proof, 'X-Portero-Jwt', headerOf(headers, 'x-portero-jwt').slice(0, 60)],
  ]
  return rows.map(
    ([label, header, value]) =>
      html`<div><dt>${label}</dt><dd>${value === '' ? texts.app_empty : value}<code>${header}</code></dd></div>`,
  )
}

/** The gateway percent-encodes what people wrote themselves. */
function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = String(headers[name] ?? '')
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
