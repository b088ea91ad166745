import { expect, test } from 'vitest'
import type { AdminFacts, ConfigFacts, OauthFacts } from '../../adapters/vendors/open-webui/probe.ts'
import type { Finding } from './finding.ts'
import {
  judgeAdminSettings,
  judgeCookie,
  judgeGroups,
  judgeLife,
  judgeOauth,
  judgePublicSettings,
  judgeSignOut,
} from './open-webui-settings.ts'

const statuses = (findings: readonly Finding[]) => findings.map(({ status }) => status)
const publicUrl = 'https://chat.example.org'
const config: ConfigFacts = {
  version: '0.12.4',
  isAuthOn: true,
  isTrustedHeaderOn: true,
  isSignupOn: false,
  isLoginFormOn: false,
  isLdapOn: false,
  isWebsocketOn: true,
  oauthProviders: [],
  isWithoutAccounts: false,
}
const admin: AdminFacts = {
  defaultRole: 'user',
  jwtExpiresIn: '180d',
  webuiUrl: publicUrl,
  isSignupOn: false,
  areApiKeysOn: false,
  isMfaOn: false,
  isMfaBypassedByHeader: false,
}

test("a sign-out address may be a path or whole, with a query or a slash of the origin, but only Portero's", () => {
  for (const address of ['/_portero/signout', '/_portero/signout?x=1', `${publicUrl}/_portero/signout`]) {
    expect(judgeSignOut(address, publicUrl).status).toBe('ok')
  }
  for (const address of [
    undefined,
    '/',
    '/_portero/signin',
    '//elsewhere.example/_portero/signout',
    'http://chat.example.org/_portero/signout',
    'http://[',
  ]) {
    expect(judgeSignOut(address, publicUrl).status).toBe('warning')
  }
})

test('other ways in are told, once there is an account', () => {
  expect(statuses(judgePublicSettings(config))).toEqual(['ok'])
  expect(statuses(judgePublicSettings({ ...config, isSignupOn: true }))).toEqual(['warning'])
  expect(statuses(judgePublicSettings({ ...config, isSignupOn: true, isWithoutAccounts: true }))).toEqual([])
  expect(statuses(judgePublicSettings({ ...config, isLdapOn: true }))).toEqual(['ok', 'warning'])
  expect(statuses(judgePublicSettings({ ...config, isLoginFormOn: true }))).toEqual(['ok', 'ok'])
  expect(statuses(judgePublicSettings({ ...config, isWebsocketOn: false }))).toEqual(['ok', 'warning'])
})

test('sessions are compared with the longest of Portero', () => {
  const judge = (seconds: number | undefined) =>
    judgeLife(seconds, { life_days: 30 } as Parameters<typeof judgeLife>[1])
  expect(judge(undefined).status).toBe('ok')
  expect(judge(30 * 86_400 - 3).status).toBe('ok')
  expect(judge(28 * 86_400)).toMatchObject({
    status: 'warning',
    what: expect.stringContaining('28 days'),
    cure: expect.stringContaining('JWT_EXPIRES_IN=30d'),
  })
  expect(judge(3600).what).toContain('1 hour,')
})

test('the cookie has to fit the public address', () => {
  const cookie = { isHttpOnly: true, sameSite: 'lax' }
  const service = { accountId: 'a', role: 'admin', jwtLifeSeconds: undefined }
  const judge = (isSecure: boolean, url: string | undefined) =>
    statuses(judgeCookie({ ...service, cookie: { ...cookie, isSecure } }, url))
  expect(judge(true, publicUrl)).toEqual(['ok'])
  expect(judge(false, 'http://localhost:8081')).toEqual(['ok'])
  expect(judge(false, publicUrl)).toEqual(['warning'])
  expect(judge(true, 'http://localhost:8081')).toEqual(['warning'])
  expect(judge(true, undefined)).toEqual([])
})

test('what an administrator set is judged', () => {
  const judge = (over: Partial<AdminFacts>) => statuses(judgeAdminSettings({ ...admin, ...over }, publicUrl))
  expect(judge({})).toEqual(['ok', 'ok'])
  expect(judge({ webuiUrl: `${publicUrl}/` })).toEqual(['ok', 'ok'])
  expect(judge({ defaultRole: 'pending' })).toEqual(['ok', 'ok'])
  expect(judge({ defaultRole: 'admin' })).toEqual(['warning', 'ok'])
  expect(judge({ webuiUrl: undefined })).toEqual(['ok', 'warning'])
  expect(judge({ webuiUrl: 'http://chat.example.org' })).toEqual(['ok', 'warning'])
  expect(judge({ isMfaOn: true })).toEqual(['ok', 'ok', 'fault'])
  expect(judge({ isMfaOn: true, isMfaBypassedByHeader: true })).toEqual(['ok', 'ok', 'ok'])
})

test('joining accounts by address is told where somebody could do it', () => {
  const oauth: OauthFacts = {
    isOn: true,
    isSignupOn: false,
    isMergingByEmail: true,
    providerUrl: undefined,
    clientId: undefined,
    hasClientSecret: false,
  }
  const withProvider = { ...config, oauthProviders: ['google'] }
  expect(statuses(judgeOauth(oauth, withProvider))).toEqual(['warning'])
  expect(judgeOauth(oauth, config)).toEqual([])
  expect(judgeOauth({ ...oauth, isMergingByEmail: false }, withProvider)).toEqual([])
})

test('groups that do not arrive matter once somebody has one', () => {
  expect(statuses(judgeGroups(true, ['staff'], [], true))).toEqual(['ok'])
  expect(statuses(judgeGroups(undefined, [], [], true))).toEqual(['unseen'])
  expect(statuses(judgeGroups(false, [], [], true))).toEqual(['warning'])
  expect(statuses(judgeGroups(false, ['staff'], [], true))).toEqual(['fault'])
  expect(statuses(judgeGroups(true, ['staff'], ['staff'], true))).toEqual(['ok'])
  expect(statuses(judgeGroups(true, ['staff'], ['staff'], false))).toEqual(['ok', 'warning'])
  expect(statuses(judgeGroups(true, ['a,b'], [], true))).toEqual(['ok', 'warning'])
})
