import type {
  AdminFacts,
  ConfigFacts,
  CorsFacts,
  OauthFacts,
  ServiceSignIn,
} from '../../adapters/vendors/open-webui/probe.ts'
import type { Config } from '../../config/config.ts'
import { type Finding, fault, ok, unseen, warning } from './finding.ts'

/** Where Open WebUI has to send people who sign out. */
const signOutPath = '/_portero/signout'

/** Whether its sign-out leads to Portero, which ends both sessions there. */
export function judgeSignOut(address: string | undefined, publicUrl: string | undefined): Finding {
  const cure = `In the environment of Open WebUI: WEBUI_AUTH_SIGNOUT_REDIRECT_URL=${signOutPath}`
  if (address === undefined) {
    return warning(
      'Open WebUI has no sign-out address: whoever signs out past Portero is signed straight in again.',
      cure,
    )
  }
  const base = publicUrl ?? 'http://portero.invalid'
  const url = URL.canParse(address, base) ? new URL(address, base) : undefined
  if (url?.origin === new URL(base).origin && url.pathname === signOutPath) {
    return ok('The sign-out of Open WebUI leads to Portero.')
  }
  return warning(
    'The sign-out of Open WebUI leads elsewhere than to Portero: past Portero, the session with Portero goes on.',
    cure,
  )
}

/** What anybody can see of its settings. */
export function judgePublicSettings(config: ConfigFacts): Finding[] {
  return [
    ...judgeSignUp(config),
    ...(config.isLdapOn
      ? [
          warning(
            'LDAP is on in Open WebUI. Portero closes its path, but its port does not.',
            'In the environment of Open WebUI: ENABLE_LDAP=false (or in its admin panel)',
          ),
        ]
      : []),
    ...(config.isLoginFormOn
      ? [ok('The login form of Open WebUI is on; nobody who comes through Portero sees it.')]
      : []),
    ...(config.isWebsocketOn
      ? []
      : [
          warning(
            'Websockets are off in Open WebUI: chats arrive slowly or not at all.',
            'In the environment of Open WebUI: ENABLE_WEBSOCKET_SUPPORT=true',
          ),
        ]),
  ]
}

/** Before the first account it has to be open, and that there is none is told elsewhere. */
function judgeSignUp({ isSignupOn, isWithoutAccounts }: ConfigFacts): Finding[] {
  if (isWithoutAccounts) return []
  if (!isSignupOn) return [ok('Sign-up is closed in Open WebUI.')]
  return [
    warning(
      'Sign-up is open in Open WebUI. Portero closes its path, but its port does not.',
      'In the admin panel of Open WebUI, under settings, general: switch off new sign-ups (ENABLE_SIGNUP=false before its first start)',
    ),
  ]
}

/** Whether a page of any other site may read its answers. */
export function judgeCors({ isForeignAllowed }: CorsFacts, publicUrl: string | undefined): Finding {
  if (!isForeignAllowed) return ok("Pages of other sites may not read Open WebUI's answers.")
  return warning(
    'Open WebUI lets pages of every site read its answers (CORS).',
    `In the environment of Open WebUI: CORS_ALLOW_ORIGIN=${publicUrl ?? '<public_url>'}`,
  )
}

const daySeconds = 86_400

/** Whether its sessions last as long as Portero's. */
export function judgeLife(jwtLifeSeconds: number | undefined, { life_days }: Config['sessions']): Finding {
  // A second is lost on the way.
  if (jwtLifeSeconds === undefined || jwtLifeSeconds + 60 >= life_days * daySeconds) {
    return ok('Sessions of Open WebUI last as long as those of Portero.')
  }
  return warning(
    `Sessions of Open WebUI end after ${inWords(jwtLifeSeconds)}, those of Portero after up to ${life_days} days: people are interrupted in an open page.`,
    `In the environment of Open WebUI: JWT_EXPIRES_IN=${life_days}d (or in its admin panel; Portero ends its sessions itself)`,
  )
}

function inWords(seconds: number): string {
  const [count, unit] =
    seconds >= daySeconds
      ? [seconds / daySeconds, 'day']
      : seconds >= 3600
        ? [seconds / 3600, 'hour']
        : [seconds / 60, 'minute']
  const whole = Math.round(count)
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`
}

/** Whether its cookie fits the public address. */
export function judgeCookie({ cookie }: ServiceSignIn, publicUrl: string | undefined): Finding[] {
  if (publicUrl === undefined) return []
  const isHttps = publicUrl.startsWith('https:')
  if (isHttps === cookie.isSecure) return [ok('The cookie of Open WebUI fits the public address.')]
  if (isHttps) {
    return [
      warning(
        'The cookie of Open WebUI is not Secure, although people come by https.',
        'In the environment of Open WebUI: WEBUI_AUTH_COOKIE_SECURE=true and WEBUI_SESSION_COOKIE_SECURE=true',
      ),
    ]
  }
  return [
    warning(
      'The cookie of Open WebUI is Secure, although people come by plain http: browsers may not keep it.',
      'In the environment of Open WebUI: WEBUI_AUTH_COOKIE_SECURE=false and WEBUI_SESSION_COOKIE_SECURE=false, or give Portero an https address',
    ),
  ]
}

/** What only an administrator is told of its settings. */
export function judgeAdminSettings(admin: AdminFacts, publicUrl: string | undefined): Finding[] {
  return [...judgeRole(admin.defaultRole), ...judgeUrl(admin.webuiUrl, publicUrl), ...judgeMfa(admin)]
}

function judgeRole(role: string | undefined): Finding[] {
  if (role === 'admin') {
    return [
      warning(
        'Open WebUI makes every new account an administrator where Portero says nothing else.',
        'In the environment of Open WebUI: DEFAULT_USER_ROLE=user (or in its admin panel)',
      ),
    ]
  }
  if (role === 'pending') {
    return [
      ok(
        'New accounts wait for approval in Open WebUI; those that come through Portero get their role from it.',
      ),
    ]
  }
  return role === undefined ? [] : [ok('New accounts of Open WebUI are ordinary ones.')]
}

function judgeUrl(webuiUrl: string | undefined, publicUrl: string | undefined): Finding[] {
  if (publicUrl === undefined) return []
  if (webuiUrl !== undefined && URL.canParse(webuiUrl) && new URL(webuiUrl).origin === publicUrl) {
    return [ok('Open WebUI knows its public address.')]
  }
  return [
    warning(
      webuiUrl === undefined
        ? 'Open WebUI does not know its public address.'
        : 'Open WebUI takes another address for its public one.',
      `In the environment of Open WebUI: WEBUI_URL=${publicUrl} (or in its admin panel)`,
    ),
  ]
}

function judgeMfa({ isMfaOn, isMfaBypassedByHeader }: AdminFacts): Finding[] {
  if (isMfaOn !== true) return []
  if (isMfaBypassedByHeader === true)
    return [ok('A second factor of Open WebUI is spared those who come through Portero.')]
  return [
    fault(
      'Open WebUI asks for a second factor after the code.',
      'In the environment of Open WebUI: MFA_ALLOW_TRUSTED_HEADER_BYPASS=true (or in its admin panel)',
    ),
  ]
}

/** Whether somebody may get into another's account by an address. */
export function judgeOauth(
  { isOn, isMergingByEmail }: OauthFacts,
  { oauthProviders }: ConfigFacts,
): Finding[] {
  if (isOn === false || isMergingByEmail !== true || oauthProviders.length === 0) return []
  return [
    warning(
      'Open WebUI joins accounts of other sign-in providers by e-mail address, which it does not verify.',
      'In the environment of Open WebUI: OAUTH_MERGE_ACCOUNTS_BY_EMAIL=false',
    ),
  ]
}

/** Whether Portero can end everybody's sessions. */
export function judgeFirstAccount(isFirst: boolean): Finding {
  if (isFirst)
    return ok(
      "Portero's own account is the first one of Open WebUI: it can end the sessions of everybody else.",
    )
  return warning(
    "The first account of Open WebUI is not Portero's own. Of that one person Portero can neither end the sessions there nor change the name; blocked here, they lose their role there.",
    'Leave that account to emergencies, and give it to nobody who comes by phone.',
  )
}

/** Whether Portero's groups arrive. `used` are those of people in Portero, `missing` those of them that Open WebUI lacks. */
export function judgeGroups(
  isRead: boolean | undefined,
  used: readonly string[],
  missing: readonly string[],
  isCreating: boolean,
): Finding[] {
  return [
    ...judgeGroupsHeader(isRead, used.length > 0),
    ...(missing.length === 0 || isCreating
      ? []
      : [
          warning(
            `Groups of people in Portero that Open WebUI does not have: ${missing.join(', ')}. Capital letters count.`,
            'Create them in Open WebUI, or let Portero: upstream.create_groups: true (PORTERO_UPSTREAM__CREATE_GROUPS=true)',
          ),
        ]),
    ...used
      .filter((name) => name.includes(','))
      .map((name) =>
        warning(
          `The group "${name}" has a comma in its name and cannot be sent to Open WebUI.`,
          'Rename it, here and there.',
        ),
      ),
  ]
}

function judgeGroupsHeader(isRead: boolean | undefined, areGroupsUsed: boolean): Finding[] {
  const cure = 'In the environment of Open WebUI: WEBUI_AUTH_TRUSTED_GROUPS_HEADER=X-Portero-Groups'
  if (isRead === true) return [ok('Open WebUI reads the header X-Portero-Groups.')]
  if (isRead === undefined) {
    return [
      unseen(
        'Whether Open WebUI reads the header X-Portero-Groups cannot be seen while it has no group.',
        `${cure}; create a group there and ask again.`,
      ),
    ]
  }
  return [
    areGroupsUsed
      ? fault('Open WebUI does not read the header X-Portero-Groups: groups of people do not arrive.', cure)
      : warning(
          'Open WebUI does not read the header X-Portero-Groups; nobody has a group in Portero yet.',
          cure,
        ),
  ]
}

/** What nobody can see from outside. */
export const unseenSettings: readonly Finding[] = [
  unseen(
    'Whether WEBUI_SECRET_KEY is set cannot be seen.',
    'In the environment of Open WebUI: WEBUI_SECRET_KEY=<32 random bytes, from: openssl rand -base64 32>; without it a restart may end all its sessions.',
  ),
  unseen(
    'Whether ENABLE_PERSISTENT_CONFIG is on cannot be seen.',
    'While it is on (the default), settings that were saved in the admin panel win over the environment; ENABLE_PERSISTENT_CONFIG=false lets the environment decide.',
  ),
]
