import { describe, expect, test } from 'vitest'
import { call } from '../../support/call.ts'
import { bearer, newEmail } from '../../support/open-webui/client.ts'
import type { OpenWebuiSettings } from '../../support/open-webui/settings.ts'

/** A program of the test's own, without accounts, with settings laid over those behind Portero; empty is the default. */
type Open = (settings: OpenWebuiSettings) => Promise<{ readonly url: string; close(): Promise<void> }>

/** What Open WebUI answers when nobody has an account yet, and when it is not set up as Portero needs it. */
export function openWebuiSetUpOtherwiseContract(name: string, open: Open): void {
  const cases: [title: string, settings: OpenWebuiSettings, check: (url: string) => Promise<void>][] = [
    [
      'without password sign-in refuses everybody with 403, whatever the header',
      { ENABLE_PASSWORD_AUTH: 'false' },
      async (url) => {
        for (const headers of [{}, { 'X-Portero-Email': newEmail() }]) {
          const answer = await signIn(url, headers)
          const detail = 'The requested action has been restricted as a security measure.'
          expect([answer.status, answer.json]).toEqual([403, { detail }])
        }
        expect((await signIn(url, {}, {})).status).toBe(422)
        expect((await call(`${url}/api/config`)).json.features.auth_trusted_header).toBe(true)
      },
    ],
    [
      'without the header mode refuses with 400, speaks of no header and shows it in /api/config',
      { WEBUI_AUTH_TRUSTED_EMAIL_HEADER: '', WEBUI_AUTH_SIGNOUT_REDIRECT_URL: '' },
      async (url) => {
        const answer = await signIn(url, { 'X-Portero-Email': newEmail() })
        expect([answer.status, answer.json.detail]).toEqual([
          400,
          expect.stringContaining('email or password'),
        ])
        expect((await call(`${url}/api/config`)).json.features.auth_trusted_header).toBe(false)
        const out = await call(`${url}/api/v1/auths/signout`, { method: 'POST' })
        expect(out.json).toEqual({ status: true })
      },
    ],
    [
      'with a second factor answers the next step, without token and cookie',
      { ENABLE_MFA: 'true' },
      async (url) => {
        const first = await signIn(url, { 'X-Portero-Email': newEmail(), 'X-Portero-Role': 'admin' })
        expect(first.status).toBe(200)
        expect(first.json).toEqual({
          next_step: 'enroll',
          challenge_token: expect.any(String),
          expires_in: 300,
        })
        expect(first.headers['set-cookie']).toBeUndefined()
        const waiting = await signIn(url, { 'X-Portero-Email': newEmail(), 'X-Portero-Role': 'pending' })
        expect([waiting.status, waiting.json]).toEqual([200, { next_step: 'pending' }])
      },
    ],
    [
      'with nobody in it says so, makes the first stranger administrator and lets the next ones wait',
      { DEFAULT_USER_ROLE: '' },
      async (url) => {
        const config = () => call(`${url}/api/config`)
        expect((await config()).json).toMatchObject({ onboarding: true, features: { enable_signup: true } })
        const email = newEmail()
        const first = await signIn(url, { 'X-Portero-Email': email })
        expect(first.json.role).toBe('admin')
        expect((await config()).json.onboarding).toBeUndefined()
        expect((await config()).json.features.enable_signup).toBe(false)
        expect((await signIn(url, { 'X-Portero-Email': newEmail() })).json.role).toBe('pending')
        expect(
          (await signIn(url, { 'X-Portero-Email': newEmail(), 'X-Portero-Role': 'user' })).json.role,
        ).toBe('user')
        const settings = await call(`${url}/api/v1/auths/admin/config`, { headers: bearer(first.json.token) })
        expect(settings.json.DEFAULT_USER_ROLE).toBe('pending')
        // A header demotes even this account, which no administrator could.
        expect((await signIn(url, { 'X-Portero-Email': email, 'X-Portero-Role': 'user' })).json.role).toBe(
          'user',
        )
      },
    ],
    [
      'with a second factor that headers pass by answers a session, but not to those who wait for approval',
      {
        ...{ ENABLE_MFA: 'true', MFA_ALLOW_TRUSTED_HEADER_BYPASS: 'true', JWT_EXPIRES_IN: '-1' },
        ...{ WEBUI_AUTH_COOKIE_SECURE: 'true', WEBUI_AUTH_COOKIE_SAME_SITE: 'strict' },
      },
      async (url) => {
        const answer = await signIn(url, { 'X-Portero-Email': newEmail(), 'X-Portero-Role': 'user' })
        // Even the first account has the role that the header says.
        expect(answer.json).toMatchObject({ role: 'user', expires_at: null })
        expect(answer.headers['set-cookie']).toEqual([
          `token=${answer.json.token}; HttpOnly; Path=/; SameSite=strict; Secure`,
        ])
        const waiting = await signIn(url, { 'X-Portero-Email': newEmail(), 'X-Portero-Role': 'pending' })
        expect(waiting.json).toEqual({ next_step: 'pending' })
      },
    ],
  ]

  describe(`${name}, set up otherwise,`, () => {
    test.each(cases)(
      '%s',
      async (_, settings, check) => {
        const { url, close } = await open(settings)
        try {
          await check(url)
        } finally {
          await close()
        }
      },
      240_000,
    )
  })
}

function signIn(url: string, headers: Record<string, string>, json: unknown = { email: '', password: '' }) {
  return call(`${url}/api/v1/auths/signin`, { json, headers })
}
