import { inboundNumber } from '../config/chat-accounts.ts'
import { Refusal } from '../domain/errors.ts'
import { startInboundSignIn } from '../domain/otp/start-inbound-sign-in.ts'
import { nameSelf } from '../domain/people/name-self.ts'
import { canonicalPhone } from '../domain/phones/phone-number.ts'
import { readSigninToken } from '../domain/sessions/read-signin-token.ts'
import { readSignInLink, redeemSignInLink } from '../domain/sessions/redeem-sign-in-link.ts'
import { readSignOutTicket } from '../domain/tokens/sign-out-ticket.ts'
import { secretHash } from '../lib/random-secret.ts'
import type { PagesNeeds, PagesSettings } from '../pages/needs.ts'
import type { AppBehind } from './app-behind.ts'
import type { Portero } from './compose.ts'
import type { SharedNeeds } from './shared-needs.ts'

/** What the pages need, bound. */
export function pagesNeeds(
  portero: Portero,
  shared: SharedNeeds,
  { logo, app }: { readonly logo: PagesSettings['logo']; readonly app: AppBehind | undefined },
): PagesNeeds {
  return {
    ...shared,
    settings: settingsOf(portero, logo),
    identify: shared.credentials.identify,
    readChallenge: ({ challengeId, secret }) =>
      portero.challengeStore.readChallenge(challengeId, secretHash(secret)),
    whatsapp: whatsappOf(portero),
    readLink: (token, caller) => readSignInLink(portero, token, caller),
    redeemLink: (token, wanted) => redeemSignInLink(portero, token, wanted),
    issueAccessToken: portero.accessTokens.issue,
    readSigninToken: (token) => readSigninToken(portero, token),
    endAllSessions: async (personId) => {
      await shared.endAllSessions(personId)
    },
    listOthers: (sessionId) =>
      portero.sessionStore.listOthers(sessionId, portero.config.people.idle_link_days),
    nameSelf: (personId, name) => nameSelf(portero, personId, name),
    forgetDevice: (token) => portero.sessionStore.forgetDevice(secretHash(token)),
    app: app?.forPages ?? withoutApp,
    readSignOutTicket: (ticket) => readSignOutTicket(portero.keyring, ticket, portero.now()),
    callerOf: (req) => shared.callerOf(req, 'pages'),
    originOf: (req) => shared.ownOrigins(req)[0]!,
    isSecure: () => shared.isSecure,
  }
}

/** A way in wherever people can write: to the account at Meta, at Twilio, or with the phones of the demo. */
function whatsappOf(portero: Portero): PagesNeeds['whatsapp'] {
  const { config, demo, inboundSignInStore } = portero
  const number = demo.on ? undefined : inboundNumber(config)
  if (!demo.on && number === undefined) return undefined
  return {
    number: number === undefined ? undefined : canonicalPhone(number),
    start: (request) => startInboundSignIn(portero, request),
    read: ({ challengeId, secret }) => inboundSignInStore.read(challengeId, secretHash(secret)),
  }
}

const withoutApp: PagesNeeds['app'] = {
  sessionCookie: () => undefined,
  enter: () => Promise.reject(new Refusal('no_upstream')),
}

function settingsOf({ config, deliver, demo }: Portero, logo: PagesSettings['logo']): PagesSettings {
  return {
    brand: {
      name: config.pages.name,
      color: config.pages.color,
      contact: config.pages.contact,
      privacyUrl: config.privacy_url,
    },
    logo,
    defaultLocale: config.pages.default_locale,
    defaultRegion: config.phone.default_region,
    allowedRegions: config.phone.allowed_regions,
    channels: deliver.channels,
    admission: config.people.admission,
    triesMax: config.otp.tries,
    deviceDays: config.sessions.device_days,
    demo,
  }
}
