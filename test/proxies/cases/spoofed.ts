import { describe, expect, it } from 'vitest'
import { sessionOf } from '../../support/gateway-house.ts'
import { rawRequest, sendRaw, statusesOf } from '../../support/raw-http.ts'
import { site } from '../proxy-process.ts'
import { spoofedNames } from '../spoofs.ts'
import { origin, person, quietMs, signedIn, type Visit } from '../visit.ts'

/** What a client writes about itself: the app hears none of it. */
export function spoofedCases(visit: Visit): void {
  const { ask, last, seen, websocket } = visit

  describe('spoofed', () => {
    it.each(spoofedNames)(
      '%s, also named in Connection, and where Portero leaves that field empty',
      async (name) => {
        visit.gate.house.sessions.set('s1', sessionOf(1, { name: undefined, role: undefined, groups: [] }))
        for (const named of ['Connection: close', `Connection: close, ${name}`]) {
          const head = [`Host: ${site}`, signedIn, `${name}: evil`, named]
          const answer = await sendRaw(visit.gate.port, rawRequest('GET /a', head), quietMs)
          // Refusing the spelling altogether is as good.
          if (statusesOf(answer)[0] === 400) continue
          expect(statusesOf(answer), named).toEqual([200])
          expect(last().rawHeaders.join(), named).not.toContain('evil')
          expect(seen('X-Portero-Email'), named).toEqual([person.email])
          expect(seen('X-Portero-User'), named).toEqual([person.id])
        }
      },
    )

    it('what a client says of where it is, of itself and of the path', async () => {
      await ask('GET /a', [
        signedIn,
        'X-Forwarded-For: 9.9.9.9',
        'X-Forwarded-Proto: evil',
        'X-Forwarded-Host: evil.example',
        'X-Forwarded-Port: 666',
        'X-Forwarded-Uri: /public/evil',
        'X-Forwarded-Method: evil',
        'X-Forwarded-Prefix: /evil',
        'Forwarded: for=9.9.9.9;host=evil.example',
        'X-Original-URL: /public/evil',
        'X-Rewrite-URL: /public/evil',
        'X-Real-IP: 9.9.9.9',
      ])
      expect(last().rawHeaders.join()).not.toMatch(/evil|9\.9\.9\.9|666/)
      expect(seen('X-Forwarded-For')).toEqual(['127.0.0.1'])
      expect(seen('X-Forwarded-Proto')).toEqual(['http'])
      expect(seen('X-Forwarded-Host')).toEqual([site])
    })

    it.each(['/public/a', '/static/loader.js', '/_portero/signin', '/favicon.ico'])(
      'a stranger’s own X-Forwarded-Uri %s opens nothing',
      async (uri) => {
        for (const named of ['Connection: close', 'Connection: close, X-Forwarded-Uri, X-Forwarded-Method']) {
          const head = [
            `X-Forwarded-Uri: ${uri}`,
            `X-Original-URL: ${uri}`,
            'X-Forwarded-Method: OPTIONS',
            named,
          ]
          const answer = await sendRaw(
            visit.gate.port,
            rawRequest('GET /a', [`Host: ${site}`, ...head]),
            quietMs,
          )
          expect(statusesOf(answer), named).toEqual([401])
        }
        expect(visit.gate.app.requests).toEqual([])
      },
    )

    it('an identity that a handshake names in Connection', async () => {
      const head = [
        `Host: ${site}`,
        'Cookie: portero=s1',
        `Origin: ${origin}`,
        'Connection: Upgrade, X-Portero-Email, X-Portero-User',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'X-Portero-Email: evil',
      ]
      const answer = await sendRaw(visit.gate.port, rawRequest('GET /ws', head), quietMs)
      expect(answer.text).toMatch(/^HTTP\/1\.1 101/)
      expect([seen('X-Portero-Email'), seen('X-Portero-User')]).toEqual([[person.email], [person.id]])
    })

    it('headers of a websocket’s handshake', async () => {
      const ws = websocket({ 'X-Portero-Email': 'evil', X_Portero_User: 'evil', 'Remote-User': 'evil' })
      await new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject))
      expect(last().rawHeaders.join()).not.toContain('evil')
      expect(seen('X-Portero-Email')).toEqual([person.email])
      ws.terminate()
    })
  })
}
