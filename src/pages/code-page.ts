import type { Channel } from '../domain/messaging/channel.ts'
import type { Digits } from '../domain/otp/code-key.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import {
  maskedText,
  noteText,
  paths,
  phoneText,
  postForm,
  resendButton,
  sharedCheck,
  withQuery,
  wrongText,
} from './parts.ts'
import { durationIn, refusalText, sayIn } from './texts/say.ts'

/** What has just happened, as far as the code step tells of it. */
export type CodeEvent =
  | 'wrong'
  | 'malformed'
  | 'resent'
  | 'too_early'
  | 'channel_not_available'
  | 'delivery_unavailable'

export type CodePage = {
  readonly phone: PhoneNumber
  readonly channel: Channel
  readonly digits: Digits
  readonly triesLeft: number
  readonly triesMax: number
  readonly resendInSeconds: number
  readonly channels: readonly Channel[]
  /** It was the person who wrote first, in the chat that has the code. */
  readonly isInbound: boolean
  /** Only people on record get a code, so the page must not promise one. */
  readonly isOnlyForKnown: boolean
  readonly event: CodeEvent | undefined
  readonly returnTo: string
}

/** Second step: the code that arrived, and the ways out when it did not. */
export function renderCodePage(look: Look, page: CodePage): string {
  const say = sayIn(look.locale)
  const { channel, digits, returnTo } = page
  const isForKnown = page.isOnlyForKnown && !page.isInbound
  const sent = say(isForKnown ? 'code_sent_if_known' : 'code_sent', {
    channel,
    phone: page.isInbound ? maskedText(page.phone) : phoneText(page.phone),
  })
  const wrong = wrongOf(look, page)
  const body = html`<h1>${say('code_title')}</h1>
<p class="lead">${sent} <a href="${withQuery(paths.signIn, { edit: 1, return: returnTo })}">${say('code_correct')}</a></p>
${eventText(look, page)}
${postForm(
  paths.code,
  { return: returnTo },
  html`<div class="field"><label for="code">${say('code_label', { digits })}</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" autocapitalize="off" spellcheck="false" required enterkeyhint="go" dir="ltr" data-digits="${digits}"${
    wrong !== undefined && html` aria-invalid="true" aria-describedby="wrong"`
  } autofocus>
${wrong !== undefined && wrongText(wrong, 'wrong')}</div>
${sharedCheck(look)}
<button data-busy="${say('code_busy')}">${say('code_enter')}</button>`,
)}
<div class="more">${ways(look, page)}</div>
${look.demo.on && html`<p class="aside"><a href="${paths.demo}" target="portero-phone">${say('demo_phone')}</a></p>`}`
  return layout(look, { title: say('code_title'), body })
}

function ways(look: Look, page: CodePage): Html {
  const say = sayIn(look.locale)
  const wait = page.resendInSeconds
  const time = html`<span data-clock>${durationIn(look.locale, wait)}</span>`
  const others = page.channels.filter((channel) => channel !== page.channel)
  // Nobody has asked for anything but what the chat brought: each of the other ways is asked for by name.
  const isOnlyChat = page.isInbound && page.channel === 'whatsapp'
  return html`<p><strong>${say('code_not_arrived')}</strong>${
    wait > 0 && html` <span class="hint" data-wait="${wait}">${say('code_resend_wait', { time })}</span>`
  }</p>
${isOnlyChat && html`<p>${say('whatsapp_again')}</p>`}
${postForm(
  paths.resend,
  { return: page.returnTo },
  html`<div class="stack">${!isOnlyChat && resendButton(look, page.channel, 'code_resend_by', true)}${others.map(
    (channel) => resendButton(look, channel, 'code_other_channel', true),
  )}</div>`,
)}`
}

function wrongOf(look: Look, page: CodePage): Html | undefined {
  const say = sayIn(look.locale)
  const { digits, triesLeft } = page
  if (page.event === 'wrong') return say('code_wrong', { triesLeft })
  if (page.event === 'malformed') return say('code_malformed', { digits })
  return triesLeft < page.triesMax ? say('code_tries_left', { triesLeft }) : undefined
}

/** What happened to the sending, above the form; what happened to the code stands at its field. */
function eventText(look: Look, page: CodePage): Html | undefined {
  const say = sayIn(look.locale)
  switch (page.event) {
    case 'resent':
      return noteText(say('code_resent'))
    case 'too_early':
      return noteText(say('code_too_early', { time: durationIn(look.locale, page.resendInSeconds) }))
    case 'channel_not_available':
    case 'delivery_unavailable':
      return wrongText(refusalText(look.locale, page.event))
    default:
      return undefined
  }
}
