import { randomBytes } from 'node:crypto'
import type { OpenWebuiSettings } from './settings.ts'
import { epochSeconds, expiryOf, type StandInAccount } from './stand-in-accounts.ts'
import { type StandInNeeds, standInGates } from './stand-in-gates.ts'
import {
  type Answer,
  type Asked,
  headerOf,
  isOff,
  isOn,
  jsonOf,
  Refused,
  type Route,
  sentences,
  tokenOf,
} from './stand-in-request.ts'

/** Signing in and out, and what the page asks before it knows anybody. */
export function sessionRoutes(needs: StandInNeeds): Route[] {
  const { settings, accounts } = needs
  const { account, verified } = standInGates(needs)

  function signIn({ req, body }: Asked): Answer {
    const form = req.headers['content-type']?.startsWith('application/json') ? jsonOf(body) : {}
    if (typeof form.email !== 'string' || typeof form.password !== 'string') {
      throw new Refused(422, 'Invalid authentication request.')
    }
    if (isOff(settings.ENABLE_PASSWORD_AUTH)) throw new Refused(403, sentences.forbidden)
    if (!settings.WEBUI_AUTH_TRUSTED_EMAIL_HEADER) {
      const wrong =
        'The email or password provided is incorrect. Please check for typos and try logging in again.'
      throw new Refused(400, wrong)
    }
    const email = headerOf(req, settings.WEBUI_AUTH_TRUSTED_EMAIL_HEADER)?.toLowerCase()
    if (email === undefined) {
      const missing =
        'Your provider has not provided a trusted header. Please contact your administrator for assistance.'
      throw new Refused(400, missing)
    }
    const name = unquoted(headerOf(req, settings.WEBUI_AUTH_TRUSTED_NAME_HEADER) ?? email)
    const signedIn = accounts.byEmail(email) ?? accounts.createAccount(email, name)
    const groups = (headerOf(req, settings.WEBUI_AUTH_TRUSTED_GROUPS_HEADER) ?? '').split(',')
    const names = groups.map((group) => group.trim()).filter((group) => group !== '')
    if (names.length > 0) accounts.setGroups(signedIn, names)
    const role = headerOf(req, settings.WEBUI_AUTH_TRUSTED_ROLE_HEADER)?.trim().toLowerCase()
    if (role === 'admin' || role === 'user' || role === 'pending') accounts.changeRole(signedIn, role)
    if (isOn(settings.ENABLE_MFA) && signedIn.role === 'pending') return { json: { next_step: 'pending' } }
    if (isOn(settings.ENABLE_MFA) && !isOn(settings.MFA_ALLOW_TRUSTED_HEADER_BYPASS)) {
      const challenge_token = `${signedIn.id}.${randomBytes(32).toString('base64url')}`
      return { json: { next_step: 'enroll', challenge_token, expires_in: 300 } }
    }
    const { token, expiresAt, lifeSeconds } = accounts.mint(signedIn)
    const life = lifeSeconds === null ? '' : ` Max-Age=${lifeSeconds};`
    return {
      headers: { 'set-cookie': `token=${token}; HttpOnly;${life} Path=/; ${cookieTail(settings)}` },
      json: sessionView(signedIn, token, expiresAt, `/api/v1/users/${signedIn.id}/profile/image`),
    }
  }

  function whoAmI({ req }: Asked): Answer {
    const asking = account(req)
    const token = tokenOf(req)!
    const expiresAt = expiryOf(token)
    const times =
      expiresAt === null
        ? ['', '']
        : [`expires=${httpDate(expiresAt)}; `, ` Max-Age=${expiresAt - epochSeconds()};`]
    return {
      headers: {
        'set-cookie': `token=${token}; ${times[0]}HttpOnly;${times[1]} Path=/; ${cookieTail(settings)}`,
      },
      json: sessionView(asking, token, expiresAt, '/user.png'),
    }
  }

  function signOut(): Answer {
    const gone = (name: string) =>
      `${name}=""; expires=${httpDate(epochSeconds())}; Max-Age=0; Path=/; SameSite=lax`
    const redirect = settings.WEBUI_AUTH_SIGNOUT_REDIRECT_URL
    return {
      headers: { 'set-cookie': ['token', 'owui-session', 'oui-session', 'oauth_id_token'].map(gone) },
      json: { status: true, ...(redirect && { redirect_url: redirect }) },
    }
  }

  function config({ req }: Asked): Answer {
    const token = tokenOf(req)
    const bearer = token === undefined ? undefined : accounts.read(token)
    if (bearer !== undefined && 'isGone' in bearer && bearer.isGone) throw new Refused(401, bearer.refusal)
    const features = {
      ...{ slim: false, auth: true, auth_trusted_header: Boolean(settings.WEBUI_AUTH_TRUSTED_EMAIL_HEADER) },
      ...{ enable_signup_password_confirmation: false, enable_ldap: false, enable_websocket: true },
      enable_signup: accounts.accounts.length === 0 && !isOff(settings.ENABLE_SIGNUP),
      enable_login_form: !isOff(settings.ENABLE_LOGIN_FORM),
      ...(bearer !== undefined && 'account' in bearer && { enable_api_keys: isOn(settings.ENABLE_API_KEYS) }),
    }
    return {
      json: {
        ...(accounts.accounts.length === 0 && { onboarding: true }),
        ...{ status: true, name: 'Open WebUI', version: '0.12.4', default_locale: '', i18n: {} },
        ...{ oauth: { providers: {}, auto_redirect: false }, features },
      },
    }
  }

  function changeProfile({ req, body }: Asked): Answer {
    const asking = verified(req)
    const { name, profile_image_url } = jsonOf(body)
    if (typeof name !== 'string' || typeof profile_image_url !== 'string') {
      throw new Refused(422, 'Invalid authentication request.')
    }
    asking.name = name
    return { json: { id: asking.id, name, role: asking.role, email: asking.email, profile_image_url } }
  }

  function createApiKey({ req }: Asked): Answer {
    const asking = account(req)
    if (!isOn(settings.ENABLE_API_KEYS)) {
      throw new Refused(403, 'API key creation is not allowed in the environment.')
    }
    return { json: { api_key: accounts.createApiKey(asking) } }
  }

  function closedSignUp(): Answer {
    throw new Refused(403, sentences.noPermission)
  }

  function closedLdap(): Answer {
    throw new Refused(400, 'LDAP authentication is not enabled')
  }

  return [
    ['GET', /^\/health$/, () => ({ json: { status: true } })],
    ['GET', /^\/api\/version$/, () => ({ json: { version: '0.12.4', deployment_id: '' } })],
    ['GET', /^\/api\/config$/, config],
    ['POST', /^\/api\/v1\/auths\/signin$/, signIn],
    ['POST', /^\/api\/v1\/auths\/signout$/, signOut],
    ['GET', /^\/api\/v1\/auths\/$/, whoAmI],
    ['POST', /^\/api\/v1\/auths\/update\/profile$/, changeProfile],
    ['POST', /^\/api\/v1\/auths\/api_key$/, createApiKey],
    ['POST', /^\/api\/v1\/auths\/signup$/, closedSignUp],
    ['POST', /^\/api\/v1\/auths\/ldap$/, closedLdap],
    ['GET', /^\/api\/models$/, ({ req }) => ({ json: { data: verified(req) && [] } })],
  ]
}

const httpDate = (seconds: number) => new Date(seconds * 1000).toUTCString()

function cookieTail({ WEBUI_AUTH_COOKIE_SAME_SITE, WEBUI_AUTH_COOKIE_SECURE }: OpenWebuiSettings): string {
  return `SameSite=${WEBUI_AUTH_COOKIE_SAME_SITE || 'lax'}${isOn(WEBUI_AUTH_COOKIE_SECURE) ? '; Secure' : ''}`
}

/** Percent signs are read as UTF-8; all other bytes are letters of Latin-1, as header values are. */
function unquoted(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}

function sessionView(
  { id, email, name, role }: StandInAccount,
  token: string,
  expiresAt: number | null,
  image: string,
) {
  const session = { token, token_type: 'Bearer', expires_at: expiresAt }
  return {
    id,
    name,
    role,
    email,
    profile_image_url: image,
    ...session,
    permissions: { chat: { controls: true } },
  }
}
