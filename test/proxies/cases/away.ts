import { describe, expect, it } from 'vitest'
import { sessionOf } from '../../support/gateway-house.ts'
import { type RawAnswer, statusesOf } from '../../support/raw-http.ts'
import { notAsked, signedIn, titled, type Visit } from '../visit.ts'

/** Portero down, hanging, failing, slow and back. */
export function awayCases(visit: Visit): void {
  const { ask, traits } = visit

  describe.runIf(traits.asks)(titled('while Portero', traits.asks, notAsked), () => {
    const closed = async (headers: readonly string[]) => {
      const answers: RawAnswer[] = await Promise.all([
        ask('GET /a', headers),
        ask('POST /a', [...headers, 'Content-Length: 2'], 'ok'),
        ask('GET /public/a', headers),
      ])
      for (const answer of answers) {
        expect(traits.away.statuses).toContain(statusesOf(answer)[0])
        expect(answer.text).toMatch(traits.away.text)
        expect(answer.ms).toBeLessThan(3_500)
      }
      expect(visit.gate.app.requests).toEqual([])
    }

    it('is down, everything is closed, with a plain page', async () => {
      await visit.gate.link.cut()
      await closed([signedIn])
      await closed(['Sec-Fetch-Mode: navigate', 'Accept: text/html'])
    })

    it('hangs, everything is closed within three seconds, with a plain page', async () => {
      expect(statusesOf(await ask('GET /a', [signedIn]))).toEqual([200])
      visit.gate.app.requests.length = 0
      visit.gate.link.silence()
      await closed([signedIn])
    })

    it('fails, nobody passes', async () => {
      visit.gate.house.sessions.set('s1', sessionOf(1, { email: 'a@evil@corp.example' }))
      const answer = await ask('GET /a', [signedIn])
      expect([500, 503]).toContain(statusesOf(answer)[0])
      expect(answer.text).not.toContain('corp.example')
      expect(visit.gate.app.requests).toEqual([])
    })

    it('is slow, people wait', async () => {
      visit.gate.link.silence()
      setTimeout(() => visit.gate.link.mend(), 700)
      expect(statusesOf(await ask('GET /a', [signedIn]))).toEqual([200])
    })

    it('has come back, everything is open again', async () => {
      await visit.gate.link.cut()
      await ask('GET /a', [signedIn])
      await visit.gate.link.mend()
      expect(statusesOf(await ask('GET /a', [signedIn]))).toEqual([200])
    })
  })
}
