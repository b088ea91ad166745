import { nameSelf } from '../domain/people/name-self.ts'
import { readSigninToken } from '../domain/sessions/read-signin-token.ts'
import { secretHash } from '../lib/random-secret.ts'
import type { PagesNeeds, PagesSettings } from '../pages/needs.ts'
import type { Portero } from './compose.ts'
import type { SharedNeeds } from './shared-needs.ts'

/** What the pages need, bound. */
export function pagesNeeds(portero: Portero, shared: SharedNeeds, logo: PagesSettings['logo']): PagesNeeds {
  return {
    ...shared,
    settings: settingsOf(portero, logo),
    identify: shared.credentials.identify,
    readChallenge: ({ challengeId, secret }) =>
      portero.challengeStore.readChallenge(challengeId, secretHash(secret)),
    issueAccessToken: portero.accessTokens.issue,
    readSigninToken: (token) => readSigninToken(portero, token),
    endAllSessions: async (personId) => {
      await shared.endAllSessions(personId)
    },
    nameSelf: (personId, name) => nameSelf(portero, personId, name),
    forgetDevice: (token) => portero.sessionStore.forgetDevice(secretHash(token)),
    callerOf: (req) => shared.callerOf(req, 'pages'),
    originOf: (req) => shared.ownOrigins(req)[0]!,
    isSecure: () => shared.isSecure,
  }
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
