import { describe, expect, it } from 'vitest'
import { valuesOf } from '../../support/echo-upstream.ts'
import { statusesOf } from '../../support/raw-http.ts'
import { site } from '../proxy-process.ts'
import { pathTricks } from '../spoofs.ts'
import { signedIn, type Visit } from '../visit.ts'

/** Who may not pass, however they write what they ask for. */
export function refusedCases(visit: Visit): void {
  const { ask } = visit

  describe('refused', () => {
    it('a program: 401 problem+json with the marker, and no cookie', async () => {
      const { text } = await ask('POST /api/models', ['Content-Length: 2', 'X-Portero-User: evil'], 'ok')
      expect(text).toMatch(/^HTTP\/1\.1 401/)
      expect(text).toContain('application/problem+json')
      expect(text).toMatch(/portero-refusal: not_signed_in/i)
      expect(text).toMatch(/cache-control: no-store/i)
      expect(text).not.toMatch(/set-cookie/i)
      expect(visit.gate.app.requests).toEqual([])
    })

    it('a person who is in, once their session has ended', async () => {
      expect(statusesOf(await ask('GET /a', [signedIn]))).toEqual([200])
      visit.gate.house.end('s1')
      expect(statusesOf(await ask('GET /a', [signedIn]))).toEqual([401])
    })

    it.each([
      'Cookie: portero=s2',
      'Authorization: Basic czE6',
      'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x',
      'X-Api-Key: s1',
      'User-Agent: kube-probe/1.30',
      'X-HTTP-Method-Override: OPTIONS',
    ])('whoever comes with %s', async (header) => {
      expect(statusesOf(await ask('GET /a', [header]))).toEqual([401])
      expect(statusesOf(await ask('OPTIONS /a', [header, 'Origin: https://evil.example']))).toEqual([401])
      expect(visit.gate.app.requests).toEqual([])
    })

    it.each(pathTricks)('a stranger who writes %s', async (path) => {
      const answer = await ask(`GET ${path}`)
      expect(statusesOf(answer)[0] ?? 0, answer.text).not.toBe(200)
      expect(visit.gate.app.requests).toEqual([])
    })

    it('a stranger with an absolute target, whosever host it names', async () => {
      for (const host of [site, 'evil.example', 'public']) {
        await ask(`GET http://${host}/a`)
        await ask(`GET http://${host}/a?/public/a`)
      }
      expect(visit.gate.app.requests).toEqual([])
    })

    it('a signed-in person’s absolute target reaches no other host and path than it says', async () => {
      for (const host of [site, 'evil.example']) await ask(`GET http://${host}/a?x=/public/a`, [signedIn])
      for (const { target, rawHeaders } of visit.gate.app.requests) {
        expect([target, valuesOf(rawHeaders, 'Host')]).toEqual(['/a?x=/public/a', [site]])
      }
    })

    it('two Hosts, CONNECT, TRACE, an asterisk', async () => {
      const both = await ask('GET /a', [signedIn, 'Host: evil.example'])
      expect(statusesOf(both)).toEqual([400])
      for (const line of [`CONNECT ${site}:80`, 'TRACE /a', 'OPTIONS *']) await ask(line)
      expect(visit.gate.app.requests).toEqual([])
    })

    it('a header too large', async () => {
      const answer = await ask('GET /a', [signedIn, `X-Large: ${'x'.repeat(40_000)}`])
      expect([400, 431]).toContain(statusesOf(answer)[0])
      expect(visit.gate.app.requests).toEqual([])
    })
  })
}
