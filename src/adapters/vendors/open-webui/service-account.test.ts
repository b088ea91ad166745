import { afterEach, describe, expect, test } from 'vitest'
import { ana, openWebuiStandIns, toldBy } from '../../../../test/support/open-webui-stand-ins.ts'
import { serviceAccount } from './service-account.ts'
import { signIn } from './sign-in.ts'

const serviceEmail = 'portero@people.invalid'
const standIns = openWebuiStandIns()
afterEach(standIns.close)

describe("Portero's own account", () => {
  const signInsOf = (requests: readonly { target: string }[]) =>
    requests.filter(({ target }) => target === '/api/v1/auths/signin').length

  test('signs in once for many who call at once, and not again', async () => {
    const { standIn, call } = await standIns.open()
    const own = serviceAccount({ call, serviceEmail, now: Date.now })
    const answers = await Promise.all(Array.from({ length: 20 }, () => own({ path: '/api/v1/groups/' })))
    await own({ path: '/api/v1/groups/' })
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(signInsOf(standIn.requests)).toBe(1)
    expect(standIn.accounts.byEmail(serviceEmail)).toMatchObject({ name: 'Portero', role: 'admin' })
  })

  test('signs in again shortly before its token ends', async () => {
    const { standIn, call } = await standIns.open({ JWT_EXPIRES_IN: '1h' })
    let now = Date.now()
    const own = serviceAccount({ call, serviceEmail, now: () => now })
    for (const minutes of [0, 59, 59.4, 59.6]) {
      now = Date.now() + minutes * 60_000
      await own({ path: '/api/v1/groups/' })
      expect(signInsOf(standIn.requests)).toBe(minutes > 59.5 ? 2 : 1)
    }
  })

  test('signs in again, once for all, when its token was revoked or its role taken', async () => {
    const { standIn, call } = await standIns.open()
    const own = serviceAccount({ call, serviceEmail, now: Date.now })
    await own({ path: '/api/v1/groups/' })
    const account = standIn.accounts.byEmail(serviceEmail)!
    standIn.accounts.revoke(account)
    const all = () => Promise.all([1, 2, 3, 4].map(() => own({ path: '/api/v1/users/' })))
    expect((await all()).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(signInsOf(standIn.requests)).toBe(2)
    account.role = 'user'
    expect((await all()).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(signInsOf(standIn.requests)).toBe(3)
  })

  test('gives up after one more try, without its token in the error', async () => {
    const { standIn, call } = await standIns.open()
    standIn.answerInstead = (req, res) => {
      if (req.url === '/api/v1/auths/signin') return false
      res.writeHead(401).end('{"detail":"Not authenticated"}')
      return true
    }
    const told = await toldBy(serviceAccount({ call, serviceEmail, now: Date.now })({ path: '/x' }))
    expect(told.code).toBe('app_answer_unknown')
    expect(told.all).not.toMatch(/eyJ/)
    expect(signInsOf(standIn.requests)).toBe(2)
  })

  test('is refused with app_headers_off where the role header is not read, and works as soon as it is', async () => {
    const { standIn, call } = await standIns.open({ WEBUI_AUTH_TRUSTED_ROLE_HEADER: 'X-Other-Role' })
    await signIn(call, ana)
    const own = serviceAccount({ call, serviceEmail, now: Date.now })
    expect((await toldBy(own({ path: '/api/v1/groups/' }))).code).toBe('app_headers_off')
    standIn.settings.WEBUI_AUTH_TRUSTED_ROLE_HEADER = 'X-Portero-Role'
    expect((await own({ path: '/api/v1/groups/' })).status).toBe(200)
  })
})
