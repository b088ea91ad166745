import { describe, expect, test } from 'vitest'
import type { ConfigFacts, HeaderlessSignIn } from '../../adapters/vendors/open-webui/probe.ts'
import { Refusal, type RefusalCode } from '../../domain/errors.ts'
import { judgeDoor, judgeFailedSignIn, judgeHeaders, judgeVersion } from './open-webui-door.ts'

const facts: ConfigFacts = {
  version: '0.12.4',
  isAuthOn: true,
  isTrustedHeaderOn: true,
  isSignupOn: false,
  isLoginFormOn: true,
  isLdapOn: false,
  isWebsocketOn: true,
  oauthProviders: [],
  isWithoutAccounts: false,
}
const ready: HeaderlessSignIn = { status: 400, detail: 'trusted header', meaning: 'ready' }

describe('the version of Open WebUI', () => {
  test.each([
    ['0.12.4', 'ok'],
    ['v0.12.10', 'ok'],
    ['0.13.0', 'ok'],
    ['1.0.0-beta', 'ok'],
    ['0.12.3', 'warning'],
    ['0.9.99', 'warning'],
    ['dev', 'warning'],
  ])('%s is judged as a number, part by part: %s', (version, status) => {
    expect(judgeVersion(version).status).toBe(status)
  })

  test('is never repeated as it came where it is no version', () => {
    expect(JSON.stringify(judgeVersion('<script>'))).not.toContain('script')
  })
})

describe('the door of Open WebUI', () => {
  const judge = (over: Partial<ConfigFacts>, signIn: Partial<HeaderlessSignIn> = {}) =>
    judgeDoor({ ...facts, ...over }, { ...ready, ...signIn }).map(
      ({ status, cure }) => `${status} ${cure ?? ''}`,
    )

  test('is ok when it asks for the header', () => {
    expect(judge({})).toEqual(['ok '])
    expect(judge({ isWithoutAccounts: true })).toEqual(['ok '])
  })

  test('is one fault with its line otherwise', () => {
    expect(judge({ isAuthOn: false }, { meaning: 'open', status: 200 })).toEqual([
      expect.stringMatching(/^fault .*WEBUI_AUTH=true/),
    ])
    expect(judge({ isTrustedHeaderOn: false }, { meaning: 'trusted_header_off' })).toEqual([
      expect.stringMatching(/^fault .*WEBUI_AUTH_TRUSTED_EMAIL_HEADER=X-Portero-Email/),
    ])
    expect(judge({}, { meaning: 'password_auth_off', status: 403 })).toEqual([
      expect.stringMatching(/^fault .*ENABLE_PASSWORD_AUTH=true/),
    ])
    expect(judge({}, { meaning: 'unknown', status: 500 })).toEqual([expect.stringMatching(/^fault /)])
  })

  test('that is closed to Portero and has no account yet stands open to the first who comes', () => {
    expect(
      judge({ isTrustedHeaderOn: false, isWithoutAccounts: true }, { meaning: 'trusted_header_off' }),
    ).toEqual([expect.stringMatching(/^fault /), expect.stringMatching(/^warning /)])
  })
})

test("whatever keeps Portero's own account out is a fault with a cure", () => {
  const codes: RefusalCode[] = [
    'app_headers_off',
    'app_second_factor',
    'app_sign_in_off',
    'app_answer_unknown',
    'upstream_timeout',
  ]
  const findings = [
    ...codes.map((code) => judgeFailedSignIn(new Refusal(code))),
    judgeFailedSignIn(new Error('x')),
  ]
  expect(new Set(findings.map(({ what }) => what)).size).toBe(findings.length)
  for (const { status, cure } of findings)
    expect([status, cure]).toEqual(['fault', expect.stringMatching(/^.{15,}\.$|=\w+/)])
})

test('the other headers are judged one by one', () => {
  const statuses = (isRoleRead: boolean, wasNameRead: boolean) =>
    judgeHeaders({ isRoleRead, wasNameRead }).map(({ status }) => status)
  expect(statuses(true, true)).toEqual(['ok', 'ok'])
  expect(statuses(false, true)).toEqual(['fault', 'ok'])
  expect(statuses(true, false)).toEqual(['ok', 'warning'])
})
