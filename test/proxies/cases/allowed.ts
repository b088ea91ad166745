import { describe, expect, it } from 'vitest'
import { identityHeaderNames } from '../../../src/http/identity-headers.ts'
import { statusesOf } from '../../support/raw-http.ts'
import { person, signedIn, titled, type Visit } from '../visit.ts'

/** Who may pass, and what they get. */
export function allowedCases(visit: Visit): void {
  const { ask, last, seen, traits } = visit

  describe('allowed', () => {
    it('a signed-in person, with every identity header once, the target and the body', async () => {
      const answer = await ask('POST /a/%2Fc?x=%20y', [signedIn, 'Content-Length: 4'], 'body')
      expect(statusesOf(answer)).toEqual([200])
      expect([last().target, last().length]).toEqual(['/a/%2Fc?x=%20y', 4])
      for (const name of identityHeaderNames) expect(seen(name), name).toHaveLength(1)
      expect(seen('X-Portero-User')).toEqual([person.id])
      expect(seen('X-Portero-Name')).toEqual(['Ana%20Souza'])
    })

    it('by a token in Authorization too', async () => {
      expect(statusesOf(await ask('GET /a', ['Authorization: Bearer s1']))).toEqual([200])
      expect(seen('X-Portero-User')).toEqual([person.id])
    })

    it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])('by %s as by GET', async (method) => {
      expect(statusesOf(await ask(`${method} /a`, [signedIn, 'Content-Length: 0']))).toEqual([200])
      expect(last().method).toBe(method)
      expect(seen('X-Portero-User')).toEqual([person.id])
    })

    it('anybody on a public path, who is nobody there', async () => {
      expect(
        statusesOf(await ask('GET /public/a', ['X-Portero-User: evil', 'X_Portero_Email: evil'])),
      ).toEqual([200])
      expect(last().rawHeaders.join()).not.toContain('evil')
      for (const name of identityHeaderNames) expect(seen(name).join(), name).toBe('')
    })

    it('answers of the app as they are, its own 401 without our marker', async () => {
      expect((await ask('GET /cookies', [signedIn])).text).toContain('token=1; Path=/')
      expect((await ask('GET /gzip', [signedIn, 'Accept-Encoding: gzip'])).text).toMatch(
        /content-encoding: gzip/i,
      )
      const ranged = await ask('GET /range', [signedIn, 'Range: bytes=2-4'])
      expect([statusesOf(ranged), /x-range: bytes=2-4/i.test(ranged.text)]).toEqual([[206], true])
    })

    it.runIf(traits.hidesCookies).each([
      ['portero=s1', ''],
      ['a=1; portero=s1; b="x y"', 'a=1; b="x y"'],
      [
        '__Host-portero=x; a=1; x-auth-phone=j; portero_device=d; portero=s1; portero_flow=f; b=2',
        'a=1; b=2',
      ],
      ['my_portero=1; portero=s1; x-auth-phones=2', 'my_portero=1; x-auth-phones=2'],
    ])(
      titled('keeping Portero’s cookies from the app: %s', traits.hidesCookies, 'Traefik cannot'),
      async (cookie, kept) => {
        expect(statusesOf(await ask('GET /a', [`Cookie: ${cookie}`]))).toEqual([200])
        expect(seen('Cookie').join()).toBe(kept)
      },
    )
  })
}
