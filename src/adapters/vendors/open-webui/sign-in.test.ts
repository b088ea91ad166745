import { afterEach, describe, expect, test } from 'vitest'
import type { OpenWebuiSettings } from '../../../../test/support/open-webui/settings.ts'
import {
  ana,
  openWebuiStandIns,
  secretToken as secret,
  toldBy,
} from '../../../../test/support/open-webui-stand-ins.ts'
import { signIn } from './sign-in.ts'

const standIns = openWebuiStandIns()
afterEach(standIns.close)

describe('a sign-in that does not succeed', () => {
  test.each<[string, OpenWebuiSettings]>([
    ['app_sign_in_off', { ENABLE_PASSWORD_AUTH: 'false' }],
    ['app_headers_off', { WEBUI_AUTH_TRUSTED_EMAIL_HEADER: 'X-Other-Email' }],
    ['app_headers_off', { WEBUI_AUTH_TRUSTED_EMAIL_HEADER: '' }],
    ['app_second_factor', { ENABLE_MFA: 'true' }],
    ['none', { ENABLE_MFA: 'true', MFA_ALLOW_TRUSTED_HEADER_BYPASS: 'true' }],
  ])('is %s with %j', async (code, settings) => {
    const { call } = await standIns.open(settings)
    expect((await toldBy(signIn(call, ana))).code).toBe(code)
  })

  const session = { token: secret, id: '1', role: 'user', email: ana.email, expires_at: 1 }
  test.each<[string, number, unknown]>([
    // Everybody becomes the same administrator with WEBUI_AUTH=false.
    ['app_headers_off', 200, { ...session, email: 'admin@localhost' }],
    ['app_headers_off', 429, { detail: 'API rate limit exceeded' }],
    ['app_answer_unknown', 200, { ...session, token: '' }],
    ['app_answer_unknown', 200, { ...session, id: 7 }],
    ['app_answer_unknown', 200, '<!doctype html>'],
    ['app_answer_unknown', 302, { token: secret }],
    ['app_answer_unknown', 400, { detail: 'Something else' }],
    ['app_answer_unknown', 422, { detail: [{ input: secret }] }],
    ['app_answer_unknown', 500, { detail: 'trusted header' }],
    ['app_second_factor', 200, { next_step: 'verify', challenge_token: secret }],
    ['upstream_unreachable', 503, { detail: 'Authentication is temporarily unavailable.' }],
  ])('is %s for the answer %i %j', async (code, status, body) => {
    const { standIn, call } = await standIns.open()
    standIn.answerInstead = (_, res) => {
      res
        .writeHead(status, { location: '/elsewhere' })
        .end(typeof body === 'string' ? body : JSON.stringify(body))
      return true
    }
    const told = await toldBy(signIn(call, ana))
    expect(told.code).toBe(code)
    expect(told.all).not.toContain(secret)
    expect(standIn.requests.map(({ target }) => target)).toEqual(['/api/v1/auths/signin'])
  })

  test('is tried again when a revocation came in between, but not for ever', async () => {
    const { standIn, call } = await standIns.open()
    let conflicts = 2
    standIn.answerInstead = (_, res) => {
      if (conflicts-- <= 0) return false
      res.writeHead(409).end('{"detail":"Authentication changed. Please sign in again."}')
      return true
    }
    expect((await signIn(call, ana)).role).toBe('user')
    conflicts = 100
    expect((await toldBy(signIn(call, ana))).code).toBe('app_answer_unknown')
    expect(conflicts).toBe(97)
  })
})
