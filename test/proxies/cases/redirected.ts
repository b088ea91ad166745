import { describe, expect, it } from 'vitest'
import { statusesOf } from '../../support/raw-http.ts'
import { notAsked, origin, signedIn, titled, type Visit } from '../visit.ts'

/** A stranger’s way to sign-in and back, and Portero’s own paths. */
export function redirectedCases(visit: Visit): void {
  const { ask, last, traits } = visit

  describe('redirected and returned', () => {
    it('a page goes to sign-in, and comes back to where it was going, query and all', async () => {
      const navigation = ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document', 'Accept: text/html']
      const target = '/c/1?a=1&b=%20x'
      const away = await ask(`GET ${target}`, navigation)
      expect(statusesOf(away)).toEqual([303])
      expect(visit.gate.app.requests).toEqual([])
      const location = new URL(/\r\nlocation: (.*)\r\n/i.exec(away.text)![1]!, origin)
      expect(location.origin + location.pathname).toBe(`${origin}/_portero/signin`)
      const page = await ask(`GET ${location.pathname}${location.search}`, navigation)
      expect(page.text).toContain('own /_portero/signin?return=')
      const back = location.searchParams.get('return')!
      expect(back).toBe(target)
      expect(statusesOf(await ask(`GET ${back}`, [signedIn, ...navigation]))).toEqual([200])
      expect(last().target).toBe(target)
    })

    it('a form that a stranger sends comes back to the front page', async () => {
      const { text } = await ask('POST /form', ['Sec-Fetch-Mode: navigate', 'Content-Length: 3'], 'a=1')
      expect(text).toMatch(/^HTTP\/1\.1 303/)
      expect(text).toMatch(/\r\nlocation: (?:http:\/\/chat\.example)?\/_portero\/signin\?return=%2F\r\n/i)
    })

    it('Portero’s own paths are answered by it, with the client’s address', async () => {
      for (const line of ['GET /_portero/signin', 'GET /signin?token=x', 'GET /_portero', 'GET /otp/a']) {
        expect((await ask(line)).text).toContain(`own ${line.slice(4)}`)
      }
      expect((await ask('POST /otp/request', ['Content-Length: 0'])).text).toContain('own /otp/request')
      expect(visit.gate.app.requests).toEqual([])
    })

    it.runIf(traits.asks)(
      titled('nobody outside is told what the proxy is told', traits.asks, notAsked),
      async () => {
        for (const path of ['/_portero/auth', '/_portero/auth/redirect', '/_portero/auth?x']) {
          const { text } = await ask(`GET ${path}`, [signedIn, 'X-Forwarded-Uri: /public/a'])
          expect(text, path).toMatch(/^HTTP\/1\.1 (?:404|418)/)
          expect(text, path).not.toMatch(/x-portero-/i)
        }
        expect(visit.gate.app.requests).toEqual([])
      },
    )
  })
}
