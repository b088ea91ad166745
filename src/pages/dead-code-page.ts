import type { Channel } from '../domain/messaging/channel.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'
import type { Look } from './look.ts'
import { maskedText, paths, phoneText, postForm, resendButton, telling, withQuery } from './parts.ts'
import { sayIn } from './texts/say.ts'
import { whatsappForm } from './whatsapp-page.ts'

export type DeadCodePage = {
  /** `expired`: its time is over. `exhausted`: too many wrong codes. */
  readonly state: 'expired' | 'exhausted'
  readonly phone: PhoneNumber
  readonly channel: Channel
  readonly channels: readonly Channel[]
  /** It began with a message: a new one begins likewise. */
  readonly isInbound: boolean
  readonly returnTo: string
}

/** A challenge that no code opens any more: a new one, by the same channel or another, or another number. */
export function renderDeadCodePage(look: Look, page: DeadCodePage): string {
  const say = sayIn(look.locale)
  const title = say(`${page.state}_title`)
  const lead = say(`${page.state}_lead`, {
    phone: page.isInbound ? maskedText(page.phone) : phoneText(page.phone),
  })
  const isOnlyChat = page.isInbound && page.channel === 'whatsapp'
  const others = page.channels.filter((channel) => channel !== page.channel)
  const body = telling(
    'wait',
    title,
    lead,
    html`${isOnlyChat && whatsappForm(look, page.returnTo, false)}${postForm(
      paths.resend,
      { return: page.returnTo },
      html`<div class="stack">${
        !isOnlyChat &&
        html`<button name="channel" value="${page.channel}" data-busy="${say('phone_busy')}">${say('send_new')}</button>
`
      }${others.map((channel) => resendButton(look, channel, 'code_other_channel', false))}</div>`,
    )}
<a class="button quiet" href="${withQuery(paths.signIn, { edit: 1, return: page.returnTo })}">${say('other_number')}</a>`,
  )
  return layout(look, { title, body })
}
