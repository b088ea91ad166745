import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { call } from '../../support/call.ts'
import { cookie, newEmail, type OpenWebuiClient } from '../../support/open-webui/client.ts'

/** What anybody gets, and which paths lead where. */
export function pathsContract({ opened, at, signIn, revoke, remove }: OpenWebuiClient): void {
  describe('/api/config', () => {
    const config = (headers = {}) => call(at('/api/config'), { headers })

    test('tells anybody what the program is', async () => {
      const { status, json } = await config()
      expect(status).toBe(200)
      expect(json).toMatchObject({
        status: true,
        name: 'Open WebUI',
        version: '0.12.4',
        oauth: { providers: {} },
      })
      const features = { auth: true, auth_trusted_header: true, enable_signup: false, enable_ldap: false }
      expect(json.features).toMatchObject({ ...features, enable_login_form: true, enable_websocket: true })
      expect(json.onboarding).toBeUndefined()
    })

    test('tells more with a session, and takes a revoked or senseless token for none', async () => {
      const { id, token } = await signIn()
      expect((await config(cookie(token))).json.features).toHaveProperty('enable_api_keys')
      await revoke(id)
      for (const worthless of [token, 'nonsense']) {
        const answer = await config(cookie(worthless))
        expect(answer.status).toBe(200)
        expect(answer.json.features).not.toHaveProperty('enable_api_keys')
      }
    })

    test('is refused to the cookie of a deleted account', async () => {
      const { id, token } = await signIn()
      await remove(id)
      expect((await config(cookie(token))).status).toBe(401)
    })

    test('lets only the own origin read it', async () => {
      const { publicOrigin } = opened()
      const own = await config({ origin: publicOrigin })
      expect(own.headers['access-control-allow-origin']).toBe(publicOrigin)
      const foreign = await config({ origin: 'https://foreign.example' })
      expect(foreign.headers['access-control-allow-origin']).toBeUndefined()
    })
  })

  describe('paths', () => {
    test('that nobody knows are answered with the page, under /api/ too and in odd spellings', async () => {
      const page = await call(at('/'))
      expect(page.status).toBe(200)
      expect(page.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
      })
      expect(page.headers.etag).toMatch(/^"/)
      expect(page.text).toContain('<script src="/static/loader.js" defer')
      const odd = ['/c/some-chat', '/auth', '/api/no/such', '/API/config', '//api/config', '/api/v1/auths']
      for (const path of odd) {
        const answer = await call(at(path))
        expect([path, answer.status, answer.text === page.text]).toEqual([path, 200, true])
      }
    })

    test('are decoded once before they are matched', async () => {
      expect((await call(at('/api/%63onfig'))).json.name).toBe('Open WebUI')
      expect((await call(at('/api/v1/auths/%73ignout'), { method: 'POST' })).json.status).toBe(true)
      expect((await call(at('/api/%2563onfig'))).headers['content-type']).toContain('text/html')
    })

    test('that nobody knows take no POST', async () => {
      expect((await call(at('/no/such'), { method: 'POST' })).status).toBe(405)
    })

    test('of the loader lead to an empty script with an entity tag', async () => {
      const loader = await call(at('/static/loader.js'))
      expect([loader.status, loader.text]).toEqual([200, ''])
      expect(loader.headers['content-type']).toBe('text/javascript; charset=utf-8')
      expect(loader.headers['cache-control']).toBeUndefined()
      const etag = loader.headers.etag!
      expect((await call(at('/static/loader.js'), { headers: { 'if-none-match': etag } })).status).toBe(304)
      expect((await call(at('/static/no-such.js'))).status).toBe(404)
    })

    test('of health and version are open', async () => {
      expect((await call(at('/health'))).json).toEqual({ status: true })
      expect((await call(at('/api/version'))).json.version).toBe('0.12.4')
    })

    test('of sign-up and LDAP do not let anybody in', async () => {
      const json = { email: newEmail(), user: 'x', name: 'x', password: 'a-long-enough-Password-1' }
      expect((await call(at('/api/v1/auths/signup'), { json })).status).toBe(403)
      expect((await call(at('/api/v1/auths/ldap'), { json })).status).toBe(400)
    })

    test('in absolute form are those without the origin', async () => {
      const { port } = new URL(opened().url)
      const text = await new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1')
        let received = ''
        socket.setEncoding('latin1').on('data', (chunk) => {
          received += chunk
        })
        socket.on('error', reject).on('close', () => resolve(received))
        socket.write(
          'GET http://elsewhere.example/api/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
        )
      })
      expect(text).toContain('0.12.4')
    })
  })
}
