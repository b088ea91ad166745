import type { InboundView } from '../domain/otp/inbound-sign-in-store.ts'
import { signInToken } from '../domain/otp/sign-in-token.ts'
import type { HeldChallenge } from '../http/flow-cookie.ts'
import type { PagesNeeds } from './needs.ts'
import { contentSecurityPolicy } from './page-headers.ts'
import { pageScript } from './script.ts'
import type { Visit } from './visit.ts'
import { preparedMessage } from './whatsapp-message.ts'
import { renderWhatsappOverPage, renderWhatsappPage } from './whatsapp-page.ts'

/** The step of a browser that waits for a message. */
export function showWhatsapp(
  portero: PagesNeeds,
  { look, reply, returnTo }: Visit,
  held: HeldChallenge,
  { waits, isNotYet }: { readonly waits: InboundView; readonly isNotYet: boolean },
): string {
  const number = portero.whatsapp?.number
  if (waits.state === 'over') return renderWhatsappOverPage(look, { returnTo })
  reply.header(
    'content-security-policy',
    contentSecurityPolicy(look.brand.style, [pageScript], { connect: true }),
  )
  const { phone, expiresInSeconds } = waits
  const token = signInToken(held.secret)
  const { locale, brand } = look
  const href = preparedMessage({ number, locale, brand: brand.name, token, from: phone })
  return renderWhatsappPage(look, { href, number, phone, expiresInSeconds, isNotYet, returnTo })
}
