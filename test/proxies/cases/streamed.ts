import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { rawRequest } from '../../support/raw-http.ts'
import { site } from '../proxy-process.ts'
import { origin, person, signedIn, type Visit } from '../visit.ts'

/** What goes on for long, or is large. */
export function streamedCases(visit: Visit): void {
  const { ask, last, seen, websocket, handshakeStatus } = visit

  describe('streamed', () => {
    it('a websocket, with whose it is', async () => {
      const ws = websocket()
      await new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject))
      ws.send('hola')
      expect(String(await new Promise((resolve) => ws.on('message', resolve)))).toBe('hola')
      expect(seen('X-Portero-User')).toEqual([person.id])
      ws.terminate()
    })

    it('no websocket for a stranger, on a public path neither', async () => {
      for (const path of ['/ws', '/public/ws']) {
        expect(await handshakeStatus(path, { cookie: '' }), path).toBe(401)
      }
      expect(visit.gate.app.requests).toEqual([])
    })

    it.each([
      'https://evil.example',
      'null',
      `${origin}.evil`,
      `https://${site}`,
      'http://evil.example@chat.example',
    ])('no websocket for a page of %s', async (foreign) => {
      expect(await handshakeStatus('/ws', { origin: foreign })).toBe(403)
      expect(visit.gate.app.requests).toEqual([])
    })

    it('events as they happen', async () => {
      const began = performance.now()
      const first = await new Promise<string>((resolve) => {
        const socket = connect(visit.gate.port, '127.0.0.1', () =>
          socket.write(rawRequest('GET /sse', [`Host: ${site}`, signedIn])),
        )
        let text = ''
        socket.on('data', (chunk) => {
          text += chunk
          if (!/data: \d/.test(text)) return
          socket.destroy()
          resolve(text)
        })
      })
      expect(first).toMatch(/^HTTP\/1\.1 200/)
      expect(performance.now() - began).toBeLessThan(1_000)
    })

    it.each(['Content-Length', 'Transfer-Encoding'])(
      'a large upload by %s, as it comes and whole',
      async (framing) => {
        const half = Buffer.alloc(8 * 1024 * 1024, 'u')
        const isChunked = framing === 'Transfer-Encoding'
        const piece = isChunked
          ? Buffer.concat([Buffer.from(`${half.length.toString(16)}\r\n`), half, Buffer.from('\r\n')])
          : half
        const socket = connect(visit.gate.port, '127.0.0.1')
        const answered = new Promise<string>((resolve) => {
          let text = ''
          socket.on('data', (chunk) => {
            text += chunk
          })
          socket.on('close', () => resolve(text))
          socket.on('error', () => {})
        })
        const head = [
          `Host: ${site}`,
          signedIn,
          'Connection: close',
          `${framing}: ${isChunked ? 'chunked' : half.length * 2}`,
        ]
        socket.write(rawRequest('POST /upload', head))
        socket.write(piece)
        for (let i = 0; i < 100 && (visit.gate.app.requests[0]?.length ?? 0) < half.length / 2; i++) {
          await new Promise((next) => setTimeout(next, 20))
        }
        expect(last().length, 'reached the app before its end').toBeGreaterThan(half.length / 2)
        socket.write(piece)
        if (isChunked) socket.write('0\r\n\r\n')
        expect(await answered).toContain(createHash('sha256').update(half).update(half).digest('hex'))
      },
    )

    it('a stranger’s upload is refused before its end', async () => {
      const { text } = await ask('POST /upload', ['Content-Length: 100000000'], 'begun')
      expect(text).toMatch(/^HTTP\/1\.1 401/)
      expect(visit.gate.app.requests).toEqual([])
    })
  })
}
