import { formatPhone } from '../../domain/phones/phone-facts.ts'
import type { PhoneNumber } from '../../domain/phones/phone-number.ts'
import { type Fragment, type Html, html, markupOf, raw } from '../html.ts'
import { doorMark } from '../icons.ts'
import { languages } from '../layout.ts'
import type { Look } from '../look.ts'
import { paths } from '../parts.ts'
import { sayIn } from '../texts/say.ts'
import type { ArrivedMessage } from './arrived-message.ts'
import { demoTexts } from './demo-texts.ts'
import { chatMeta, choices, composer } from './simulator-chat.ts'
import { batteryIcon, bubbleIcon, channelIcons, copyIcon, wallpaper } from './simulator-icons.ts'
import { simulatorScript } from './simulator-script.ts'

export type SimulatorPage = {
  /** Newest first. */
  readonly messages: readonly ArrivedMessage[]
  /** Every phone that has received something, for choosing one. */
  readonly phones: readonly PhoneNumber[]
  readonly chosen: PhoneNumber | undefined
  /** What was typed as a phone to write from, and is none. */
  readonly wrongPhone: string | undefined
  /** What stands in the field already, as behind a link of WhatsApp's. */
  readonly prepared?: string | undefined
  /** A language chosen in the address. */
  readonly lang: string | undefined
  readonly style: string
}

const sampleNumbers = ['+54 9 11 2345-6789', '+55 11 96123-4567']

/** The phone that receives every text of the demo, with the three steps that lead to the first one. */
export function renderSimulatorPage(look: Look, page: SimulatorPage): string {
  const texts = demoTexts[look.locale]
  return markupOf(html`<!doctype html>
<html lang="${look.locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="format-detection" content="telephone=no">
${page.chosen === undefined && html`<noscript><meta http-equiv="refresh" content="4"></noscript>`}
<title>${texts.phone_label} · ${look.brand.name}</title>
<link rel="icon" href="data:,">
<style>${raw(page.style)}</style>
</head>
<body>
${look.demo.asked && html`<aside class="demo">${sayIn(look.locale)('demo_warning')}</aside>`}
<div class="stage">
<div>
<header>${doorMark}<span>${look.brand.name}</span></header>
<main><h1>${texts.title}</h1><p class="lead">${texts.lead}</p>
<ol class="steps">
<li><h2>${texts.step_open}</h2><p>${texts.step_open_hint}</p><a class="button" href="/" target="portero-app">${texts.step_open_action}</a></li>
<li><h2>${texts.step_number}</h2><p>${texts.step_number_hint}</p><div class="numbers">${sampleNumbers.map((number) => html`<code>${number}</code>`)}</div></li>
<li><h2>${texts.step_code}</h2><p>${texts.step_code_hint}</p></li>
<li><h2>${texts.chat_step}</h2><p>${texts.chat_step_hint}</p></li>
</ol></main>
<footer>${look.here !== undefined && languages(look, look.here)}</footer>
</div>
<section class="device" aria-label="${texts.phone_label}"><div class="screen${page.chosen !== undefined && ' one'}">
${wallpaper}
<div class="status"><span id="clock" aria-hidden="true">9:41</span>${batteryIcon}</div>
<div class="chat"><span class="face">${doorMark}</span><span><strong>${look.brand.name}</strong><small>${
    page.chosen === undefined ? texts.phone_label : formatPhone(page.chosen)
  }</small></span></div>
${(page.phones.length > 1 || page.chosen !== undefined) && chips(look, page)}
<div class="empty" id="empty"${page.messages.length > 0 && html` hidden`}>${bubbleIcon}<span>${texts.empty}</span></div>
<div class="messages" role="log" aria-label="${texts.empty}" tabindex="0"><div id="messages">${page.messages.toReversed().map((message) => renderBubble(look, message))}</div></div>
${composer(look, { ...page, phone: page.chosen, samplePhone: sampleNumbers[0]! })}
<span class="home" aria-hidden="true"></span>
</div></section>
</div>
<script>${raw(simulatorScript)}</script>
</body>
</html>
`)
}

/** One text as it looks on the phone. */
export function renderBubble(look: Look, message: ArrivedMessage): Html {
  const texts = demoTexts[look.locale]
  const { id, channel, to, text, code, chat } = message
  const at = new Date(message.at).toISOString()
  const meta =
    chat === undefined ? `${texts[channel]} ${texts.to} ${formatPhone(to)}` : chatMeta(look, message)
  return html`<div class="bubble ${channel}${chat !== undefined && (chat === 'phone' ? ' mine' : ' bot')}" id="m-${id}"><span class="meta">${channelIcons[channel]}<span>${meta}</span></span>
<p>${chat === 'bot' ? withLinks(text) : text}</p><time class="when" datetime="${at}">${at.slice(11, 16)}</time>${
    code !== undefined &&
    html`<button type="button" data-code="${code}" data-copied="${texts.copied}">${copyIcon}<span>${texts.copy}</span> <b>${code}</b></button>`
  }${choices(message)}</div>`
}

/** What the bot wrote, with its sign-in links to click on; of an address only the path counts, so that none leads away from here. */
function withLinks(text: string): Fragment[] {
  return text.split(/(https?:\/\/\S+)/).map((part, at) => {
    const path = at % 2 === 1 && URL.canParse(part) ? new URL(part).pathname : ''
    return path.startsWith(`${paths.link}/`)
      ? html`<a href="${path}" target="_blank" rel="noreferrer">${part}</a>`
      : part
  })
}

function chips(look: Look, page: SimulatorPage): Html {
  const texts = demoTexts[look.locale]
  const all =
    page.chosen === undefined
      ? html`<span aria-current="true">${texts.all_numbers}</span>`
      : html`<a href="${paths.demo}">${texts.all_numbers}</a>`
  return html`<ul class="chips"><li>${all}</li>${page.phones.map((phone) =>
    phone === page.chosen
      ? html`<li><span aria-current="true">${formatPhone(phone)}</span></li>`
      : html`<li><a href="${paths.demo}?phone=${encodeURIComponent(phone)}">${formatPhone(phone)}</a></li>`,
  )}</ul>`
}
