import { describe, expect, it } from 'vitest'
import { statusesOf } from '../../support/raw-http.ts'
import { notOpenWebui, person, signedIn, titled, type Visit } from '../visit.ts'

/** What Portero answers in the place of an Open WebUI, and what it keeps closed. */
export function openWebuiCases(visit: Visit): void {
  const { ask, last, seen, traits } = visit

  describe.runIf(traits.isOpenWebui)(titled('an Open WebUI’s own', traits.isOpenWebui, notOpenWebui), () => {
    it.each([
      ['POST /api/v1/auths/signin', 'sign_in'],
      ['POST /api/v1/auths/signout', 'sign_out'],
      ['GET /static/loader.js', 'loader'],
    ])('%s is answered by Portero', async (line, place) => {
      const headers = line.startsWith('POST') ? ['Content-Length: 2'] : []
      const { text } = await ask(line, [signedIn, ...headers], headers.length > 0 ? '{}' : '')
      expect(text).toContain(`${place} in place for ${person.id}`)
      expect(visit.gate.app.requests).toEqual([])
    })

    it('other account paths pass through Portero', async () => {
      expect(statusesOf(await ask('GET /api/v1/auths/', [signedIn, 'X-Portero-Email: evil']))).toEqual([200])
      expect([last().target, seen('X-Portero-Email')]).toEqual(['/api/v1/auths/', [person.email]])
    })

    it.each([
      'POST /api/v1/auths/signup',
      'POST /api/v1/auths/ldap',
      'POST /api/v1/auths/mfa/enroll/start',
      'POST /api/v1/auths/oauth/oidc/token/exchange',
      'GET /api/v1/scim/v2/Users',
      'POST /oauth/backchannel-logout',
      'GET /oauth/oidc/login',
      'POST /API/v1/Auths/SignUp',
      'POST /api/v1/auths//signup',
      'POST //api/v1/auths/signup',
      'POST /api/v1/auths/%73ignup',
      'POST /api/v1/x/../auths/signup',
      'POST /api/v1/auths/signup/',
    ])('%s is closed to everybody', async (line) => {
      for (const headers of [
        [],
        [signedIn],
        ['Authorization: Bearer sk-abc'],
        ['Sec-Fetch-Mode: navigate'],
      ]) {
        const answer = await ask(line, [...headers, 'Content-Length: 2'], '{}')
        expect([303, 307, 308, 400, 401, 403], answer.text).toContain(statusesOf(answer)[0])
      }
      expect(visit.gate.app.requests).toEqual([])
    })

    it('an API key of its own passes on the paths that are listed, alone', async () => {
      const key = 'Authorization: Bearer sk-abc'
      const body = ['Content-Length: 2', 'Cookie: token=stolen', 'X-Portero-Email: evil']
      expect(statusesOf(await ask('POST /api/chat/completions', [key, ...body], '{}'))).toEqual([200])
      expect([seen('Authorization'), seen('Cookie'), seen('X-Portero-Email').join()]).toEqual([
        ['Bearer sk-abc'],
        [],
        '',
      ])
      visit.gate.app.requests.length = 0
      for (const line of ['POST /api/models', 'POST /api/chat/completions/x', 'POST /api/v1/auths/signin']) {
        expect(statusesOf(await ask(line, [key, ...body], '{}')), line).toEqual([401])
      }
      const jwt = 'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x'
      expect(statusesOf(await ask('POST /api/chat/completions', [jwt, ...body], '{}'))).toEqual([401])
      expect(visit.gate.app.requests).toEqual([])
    })
  })
}
