import { afterEach, describe, expect, test } from 'vitest'
import type { OpenWebuiSettings } from '../../../../test/support/open-webui/settings.ts'
import { openOpenWebuiStandIn } from '../../../../test/support/open-webui/stand-in.ts'
import { openAppCall } from './call.ts'
import { openWebuiProbe } from './probe.ts'

const serviceEmail = 'portero@people.invalid'
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function openProbe(settings: OpenWebuiSettings = {}) {
  const standIn = await openOpenWebuiStandIn(settings)
  const { call, close } = openAppCall(standIn.url)
  closing.push(() => standIn.close(), close)
  return { standIn, probe: openWebuiProbe({ call, serviceEmail, now: Date.now }) }
}

describe('a look at an Open WebUI', () => {
  test('sees what it tells everybody', async () => {
    const { probe } = await openProbe()
    expect(await probe.readConfig()).toEqual({
      ...{
        version: '0.12.4',
        isAuthOn: true,
        isTrustedHeaderOn: true,
        isSignupOn: true,
        isLoginFormOn: true,
      },
      ...{ isLdapOn: false, isWebsocketOn: true, oauthProviders: [], isWithoutAccounts: true },
    })
    expect(await probe.readSignOutAddress()).toBe('/_portero/signout')
    const { probe: other } = await openProbe({ WEBUI_AUTH_SIGNOUT_REDIRECT_URL: '' })
    expect(await other.readSignOutAddress()).toBeUndefined()
  })

  test.each<[string, OpenWebuiSettings]>([
    ['ready', {}],
    ['password_auth_off', { ENABLE_PASSWORD_AUTH: 'false' }],
    ['trusted_header_off', { WEBUI_AUTH_TRUSTED_EMAIL_HEADER: '' }],
  ])('reads a sign-in without header as %s, and leaves no account', async (meaning, settings) => {
    const { standIn, probe } = await openProbe(settings)
    expect(await probe.signInWithoutHeader()).toMatchObject({ meaning, detail: expect.any(String) })
    expect(standIn.accounts.accounts).toEqual([])
  })

  test("learns the life of a token and the cookie from the sign-in of Portero's own account", async () => {
    const { probe } = await openProbe({ JWT_EXPIRES_IN: '2h', WEBUI_AUTH_COOKIE_SECURE: 'true' })
    const seen = await probe.signInAsService()
    expect(seen).toMatchObject({
      role: 'admin',
      cookie: { isSecure: true, isHttpOnly: true, sameSite: 'lax' },
    })
    expect(Math.abs(seen.jwtLifeSeconds! - 7200)).toBeLessThan(5)
    expect(JSON.stringify(seen)).not.toMatch(/eyJ/)
    const { probe: endless } = await openProbe({ JWT_EXPIRES_IN: '-1', WEBUI_AUTH_COOKIE_SAME_SITE: 'none' })
    expect(await endless.signInAsService()).toMatchObject({
      jwtLifeSeconds: undefined,
      cookie: { isSecure: false, sameSite: 'none' },
    })
  })

  test("says whether Portero's own account is the first", async () => {
    const { standIn, probe } = await openProbe()
    expect(await probe.isServiceFirstAccount()).toBe(true)
    const { standIn: taken, probe: later } = await openProbe()
    Object.assign(taken.accounts.createAccount('ana@people.invalid', 'Ana'), { createdAt: 1 })
    expect(await later.isServiceFirstAccount()).toBe(false)
    expect(standIn.accounts.accounts.length).toBe(1)
  })

  test('reads the settings in effect, and never the client secret', async () => {
    const { standIn, probe } = await openProbe({
      ENABLE_MFA: 'true',
      MFA_ALLOW_TRUSTED_HEADER_BYPASS: 'true',
    })
    expect(await probe.readAdminConfig()).toEqual({
      ...{ defaultRole: 'user', jwtExpiresIn: '12h', webuiUrl: undefined, isSignupOn: false },
      ...{ areApiKeysOn: true, isMfaOn: true, isMfaBypassedByHeader: true },
    })
    standIn.answerInstead = (req, res) => {
      if (!req.url!.endsWith('/oauth')) return false
      res.end(JSON.stringify({ ENABLE_OAUTH: true, OAUTH_CLIENT_ID: 'id', OAUTH_CLIENT_SECRET: 'hush' }))
      return true
    }
    const oauth = await probe.readOauthConfig()
    expect(oauth).toMatchObject({ isOn: true, clientId: 'id', hasClientSecret: true })
    expect(JSON.stringify(oauth)).not.toContain('hush')
  })

  test('sees whether pages of other sites may read answers', async () => {
    const foreign = 'https://elsewhere.example'
    const { probe } = await openProbe({ CORS_ALLOW_ORIGIN: 'https://chat.example.org' })
    expect(await probe.readCors(foreign)).toMatchObject({ isForeignAllowed: false })
    const { probe: lax } = await openProbe({ CORS_ALLOW_ORIGIN: '*' })
    expect(await lax.readCors(foreign)).toEqual({
      ...{ allowOrigin: foreign, allowsCredentials: true, isForeignAllowed: true },
    })
  })

  test('tries whether a sign-out is remembered, and whether the groups header is read', async () => {
    const { standIn, probe } = await openProbe()
    expect(await probe.isSignOutRemembered()).toBe(false)
    expect(await probe.isGroupsHeaderRead()).toBeUndefined()
    standIn.accounts.createGroup('staff', '')
    expect(await probe.isGroupsHeaderRead()).toBe(true)
    expect(standIn.accounts.byEmail(serviceEmail)?.groupIds.size).toBe(0)
    standIn.settings.WEBUI_AUTH_TRUSTED_GROUPS_HEADER = 'X-Other-Groups'
    expect(await probe.isGroupsHeaderRead()).toBe(false)
  })

  test('refuses what is no Open WebUI', async () => {
    const { standIn, probe } = await openProbe()
    standIn.answerInstead = (_, res) => {
      res.end('<!doctype html>')
      return true
    }
    for (const look of [probe.readConfig, probe.readSignOutAddress, probe.readAdminConfig]) {
      await expect(look()).rejects.toMatchObject({ code: 'app_answer_unknown' })
    }
  })
})
