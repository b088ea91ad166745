import { detailOf, jsonObject, jsonValue, unexpected } from './answer-text.ts'
import type { AppAnswer, AppCall } from './call.ts'
import { listGroups } from './groups.ts'
import { canNameGroup } from './groups-header.ts'
import type {
  AdminFacts,
  ConfigFacts,
  CorsFacts,
  HeaderlessSignIn,
  OauthFacts,
  ServiceSignIn,
} from './probe-facts.ts'
import { configPath, readPublicConfig } from './recognise.ts'
import { serviceAccount, serviceIdentity } from './service-account.ts'
import { missesTrustedHeader, signIn, signInPath } from './sign-in.ts'
import { signOutPath } from './sign-out.ts'

export type {
  AdminFacts,
  ConfigFacts,
  CorsFacts,
  HeaderlessSignIn,
  OauthFacts,
  ServiceSignIn,
} from './probe-facts.ts'

/** What can be learned of an Open WebUI from outside. Each call stands alone; no answer holds a secret. */
export type OpenWebuiProbe = {
  /** Refuses with `app_answer_unknown` when this is no Open WebUI. */
  readConfig(): Promise<ConfigFacts>
  signInWithoutHeader(): Promise<HeaderlessSignIn>
  /** Where its sign-out leads; undefined without `WEBUI_AUTH_SIGNOUT_REDIRECT_URL`. */
  readSignOutAddress(): Promise<string | undefined>
  /** Refuses as `AppAccounts.signIn` does. */
  signInAsService(): Promise<ServiceSignIn>
  /** Whether Portero's own account is the first one, which nobody else can change or sign out. Needs its role `admin`. */
  isServiceFirstAccount(): Promise<boolean>
  /** Needs the role `admin`. */
  readAdminConfig(): Promise<AdminFacts>
  /** Needs the role `admin`. */
  readOauthConfig(): Promise<OauthFacts>
  readCors(foreignOrigin: string): Promise<CorsFacts>
  /** Whether a signed-out token stays refused, which takes Redis there. Signs Portero's own account in and out once. */
  isSignOutRemembered(): Promise<boolean>
  /** Whether the groups header changes anything, tried on Portero's own account; undefined while no group exists. Needs the role `admin`. */
  isGroupsHeaderRead(): Promise<boolean | undefined>
}

type Needs = {
  readonly call: AppCall
  /** Of Portero's own account. */
  readonly serviceEmail: string
  /** In milliseconds since 1970. */
  readonly now: () => number
}

/**
 * Looks at an Open WebUI for the doctor. Every call rejects with `upstream_unreachable` or `upstream_timeout` when there is no
 * answer, and with `app_answer_unknown` when it is another than expected; those that need the role `admin` also as `signIn` does.
 */
export function openWebuiProbe(needs: Needs): OpenWebuiProbe {
  const { call, serviceEmail, now } = needs
  const asAdministrator = serviceAccount(needs)
  const signInAsSelf = (groups?: readonly string[]) =>
    signIn(call, { ...serviceIdentity(serviceEmail), groups })
  return {
    readConfig: () => readConfig(call),
    signInWithoutHeader: async () =>
      headerlessSignIn(await call({ method: 'POST', path: signInPath, json: { email: '', password: '' } })),
    async readSignOutAddress() {
      const answer = await call({ method: 'POST', path: signOutPath })
      return textOf(objectOf(answer, 'the sign-out').redirect_url)
    },
    async signInAsService() {
      const session = await signInAsSelf()
      const life = session.endsAt === undefined ? undefined : Math.round((session.endsAt - now()) / 1000)
      return {
        accountId: session.accountId,
        role: session.role,
        jwtLifeSeconds: life,
        cookie: cookieFacts(session.cookies[0]),
      }
    },
    isServiceFirstAccount: () => isFirstAccount(asAdministrator, serviceEmail.toLowerCase()),
    readAdminConfig: () => readAdminConfig(asAdministrator),
    readOauthConfig: () => readOauthConfig(asAdministrator),
    readCors: (foreignOrigin) => readCors(call, foreignOrigin),
    async isSignOutRemembered() {
      const authorization = `Bearer ${(await signInAsSelf()).token}`
      await call({ method: 'POST', path: signOutPath, headers: { authorization } })
      return (await call({ path: '/api/v1/auths/', headers: { authorization } })).status === 401
    },
    async isGroupsHeaderRead() {
      const group = (await listGroups(asAdministrator)).find(({ name }) => canNameGroup(name))
      if (group === undefined) return undefined
      const session = await signInAsSelf([group.name])
      const answer = await asAdministrator({ path: `/api/v1/users/${session.accountId}/groups` })
      await signInAsSelf([])
      const held = jsonValue(answer)
      if (!Array.isArray(held)) throw unexpected(answer, 'the question for groups')
      return held.some((one) => one?.name === group.name)
    },
  }
}

async function readConfig(call: AppCall): Promise<ConfigFacts> {
  const answer = await call({ path: configPath })
  const config = readPublicConfig(answer)
  if (config === undefined) throw unexpected(answer, 'the question for its configuration')
  const { features } = config
  return {
    version: config.version,
    isAuthOn: features.auth === true,
    isTrustedHeaderOn: features.auth_trusted_header === true,
    isSignupOn: features.enable_signup === true,
    isLoginFormOn: features.enable_login_form === true,
    isLdapOn: features.enable_ldap === true,
    isWebsocketOn: features.enable_websocket === true,
    oauthProviders: config.providers,
    isWithoutAccounts: config.isWithoutAccounts,
  }
}

function headerlessSignIn(answer: AppAnswer): HeaderlessSignIn {
  const { status } = answer
  const detail = detailOf(answer)
  const read = (meaning: HeaderlessSignIn['meaning']) => ({ status, detail, meaning })
  if (status === 200) return read(jsonObject(answer)?.token === undefined ? 'unknown' : 'open')
  if (status === 403) return read('password_auth_off')
  if (status !== 400 && status !== 429) return read('unknown')
  return read(missesTrustedHeader.test(detail ?? '') ? 'ready' : 'trusted_header_off')
}

function cookieFacts(line = ''): ServiceSignIn['cookie'] {
  const attributes = line
    .toLowerCase()
    .split(';')
    .slice(1)
    .map((one) => one.trim())
  return {
    isSecure: attributes.includes('secure'),
    isHttpOnly: attributes.includes('httponly'),
    sameSite: attributes.find((one) => one.startsWith('samesite='))?.slice(9),
  }
}

/** By the program's own order: the oldest, by the second; of those of one second an administrator, then the smallest id. */
async function isFirstAccount(call: AppCall, email: string): Promise<boolean> {
  const answer = await call({ path: '/api/v1/users/?order_by=created_at&direction=asc&page=1' })
  const { users } = objectOf(answer, 'the list of accounts')
  if (!Array.isArray(users)) throw unexpected(answer, 'the list of accounts')
  const rank = (user: { role?: unknown; id?: unknown }) => `${user.role === 'admin' ? 0 : 1} ${user.id}`
  const oldest = users.filter((user) => user.created_at === users[0].created_at)
  const [first] = oldest.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
  return first?.email === email
}

async function readAdminConfig(call: AppCall): Promise<AdminFacts> {
  const config = objectOf(
    await call({ path: '/api/v1/auths/admin/config' }),
    'the question for its configuration',
  )
  return {
    defaultRole: textOf(config.DEFAULT_USER_ROLE),
    jwtExpiresIn: textOf(config.JWT_EXPIRES_IN),
    webuiUrl: textOf(config.WEBUI_URL),
    isSignupOn: flagOf(config.ENABLE_SIGNUP),
    areApiKeysOn: flagOf(config.ENABLE_API_KEYS),
    isMfaOn: flagOf(config.ENABLE_MFA),
    isMfaBypassedByHeader: flagOf(config.MFA_ALLOW_TRUSTED_HEADER_BYPASS),
  }
}

async function readOauthConfig(call: AppCall): Promise<OauthFacts> {
  const config = objectOf(
    await call({ path: '/api/v1/auths/admin/config/oauth' }),
    'the question for its OAuth',
  )
  return {
    isOn: flagOf(config.ENABLE_OAUTH),
    isSignupOn: flagOf(config.ENABLE_OAUTH_SIGNUP),
    isMergingByEmail: flagOf(config.OAUTH_MERGE_ACCOUNTS_BY_EMAIL),
    providerUrl: textOf(config.OPENID_PROVIDER_URL),
    clientId: textOf(config.OAUTH_CLIENT_ID),
    hasClientSecret: textOf(config.OAUTH_CLIENT_SECRET) !== undefined,
  }
}

async function readCors(call: AppCall, foreignOrigin: string): Promise<CorsFacts> {
  const { headers } = await call({ path: configPath, headers: { origin: foreignOrigin } })
  const allowOrigin = headers.get('access-control-allow-origin')
  return {
    allowOrigin,
    allowsCredentials: headers.get('access-control-allow-credentials') === 'true',
    isForeignAllowed: allowOrigin === '*' || allowOrigin === foreignOrigin,
  }
}

function objectOf(answer: AppAnswer, what: string): Readonly<Record<string, unknown>> {
  const told = answer.status === 200 ? jsonObject(answer) : undefined
  if (told === undefined) throw unexpected(answer, what)
  return told
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
const flagOf = (value: unknown) => (typeof value === 'boolean' ? value : undefined)
