import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { call, cookieHeader } from '../support/call.ts'
import { type OpenWebuiStandIn, openOpenWebuiStandIn } from '../support/open-webui/stand-in.ts'
import { openPortero, type PorteroProcess, runPortero } from '../support/portero-process.ts'
import { freshPhone, type SignedInByApi, signInByApi } from '../support/sign-in.ts'

const adminPhone = '+5511961234567'

let webui: OpenWebuiStandIn
let portero: PorteroProcess

beforeAll(async () => {
  webui = await openOpenWebuiStandIn()
  portero = await openPortero({
    PORTERO_DEMO: 'true',
    PORTERO_ADMIN__PHONES: adminPhone,
    PORTERO_UPSTREAM__API_KEY_PATHS: '/api/models',
    OPENWEBUI_URL: webui.url.href,
  })
})
beforeEach(() => {
  webui.requests.length = 0
})
afterEach(() => {
  webui.answerInstead = undefined
  Object.assign(webui.settings, {
    ENABLE_PASSWORD_AUTH: '',
    ENABLE_MFA: '',
    WEBUI_AUTH_TRUSTED_EMAIL_HEADER: 'X-Portero-Email',
  })
})
afterAll(async () => {
  await portero.dispose()
  await webui.close()
})

const serviceEmail = 'portero@portero.invalid'
const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' }
const get = (path: string, cookie = '', headers: Record<string, string> = {}) =>
  call(`${portero.url}${path}`, { headers: { cookie, ...headers } })
const post = (path: string, cookie: string) =>
  call(`${portero.url}${path}`, { json: {}, headers: { cookie } })
const signIns = () => webui.requests.filter(({ target }) => target === '/api/v1/auths/signin')
const revokes = () => webui.requests.filter(({ target }) => target.endsWith('/sessions/revoke'))
const headerOf = ({ rawHeaders }: { rawHeaders: string[] }, name: string) =>
  rawHeaders[rawHeaders.findIndex((one, at) => at % 2 === 0 && one.toLowerCase() === name) + 1]
const until = (what: () => unknown) => expect.poll(what, { timeout: 45_000, interval: 25 })

/** Somebody signed in here and there. */
async function somebodyIn(phone = freshPhone()) {
  const here = await signInByApi(portero.url, phone)
  const { cookies, text } = await get('/_portero/handoff', here.cookie)
  const account = webui.accounts.byEmail(await emailOf(here))!
  return {
    ...here,
    cookie: `${here.cookie}; ${cookieHeader({ token: cookies.token! })}`,
    text,
    account,
    token: cookies.token!,
  }
}

async function emailOf({ token }: SignedInByApi): Promise<string> {
  const { headers } = await call(`${portero.url}/_portero/auth`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return headers['x-portero-email'] as string
}

async function statusThere(token: string): Promise<number> {
  return (await call(`${webui.url.origin}/api/models`, { headers: { authorization: `Bearer ${token}` } }))
    .status
}

async function sql(statement: string, values: unknown[] = []): Promise<void> {
  const { stdout } = await portero.run('db', 'url')
  const client = new pg.Client(stdout.trim())
  await client.connect()
  await client.query(statement, values)
  await client.end()
}

describe('before anybody comes', () => {
  it('Portero has recognised the app and is its first account and administrator', async () => {
    await until(() => webui.accounts.accounts[0]).toMatchObject({
      email: serviceEmail,
      name: 'Portero',
      role: 'admin',
    })
  })
})

describe('somebody who comes for the first time', () => {
  it('is sent to the hand-off, which makes an ordinary account under an address that says nothing', async () => {
    const here = await signInByApi(portero.url)
    const first = await get('/c/1?x=y', here.cookie, navigation)
    expect([first.status, first.headers.location]).toEqual([303, '/_portero/handoff?return=%2Fc%2F1%3Fx%3Dy'])
    const { status, cookies, text } = await get(first.headers.location!, here.cookie, navigation)
    expect(status).toBe(200)
    expect(await statusThere(cookies.token!)).toBe(200)
    expect(text).toContain('data-to="/c/1?x=y"')
    const account = webui.accounts.byEmail(await emailOf(here))!
    expect(account.role).toBe('user')
    expect(account.email).toMatch(/^u-[\da-f]{32}@portero\.invalid$/)
    expect(account.name).toMatch(/^Pessoa [\da-f]{4}$/)
    const page = await get('/c/1?x=y', `${here.cookie}; token=${cookies.token}`, navigation)
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('<title>Open WebUI</title>')])
  })

  it('is an administrator with the configured phone', async () => {
    expect((await somebodyIn(adminPhone)).account.role).toBe('admin')
  })

  it('makes one account however often it happens at once, and never one without an address', async () => {
    const here = await signInByApi(portero.url)
    const answers = await Promise.all(Array.from({ length: 50 }, () => get('/_portero/handoff', here.cookie)))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    const email = await emailOf(here)
    expect(webui.accounts.accounts.filter((account) => account.email === email)).toHaveLength(1)
    for (const request of signIns())
      expect(headerOf(request, 'x-portero-email')).toMatch(/^[^@\s]+@portero\.invalid$/)
  })
})

describe('Open WebUI’s own sign-in', () => {
  it('of somebody signed in is done by Portero, with nothing that the browser says', async () => {
    const ana = await somebodyIn()
    webui.requests.length = 0
    const { status, json, cookies } = await call(`${portero.url}/api/v1/auths/signin`, {
      json: { email: 'admin@example.org', password: 'x' },
      headers: { cookie: ana.cookie, 'X-Portero-Email': serviceEmail, 'X-Portero-Role': 'admin' },
    })
    expect([status, json.email, json.role]).toEqual([200, ana.account.email, 'user'])
    expect(cookies.token).toBe(json.token)
    expect(signIns()).toHaveLength(1)
    expect(headerOf(signIns()[0]!, 'x-portero-role')).not.toBe('admin')
  })

  it('is nothing for a stranger', async () => {
    const { status, headers } = await call(`${portero.url}/api/v1/auths/signin`, { json: {} })
    expect([status, headers['portero-refusal']]).toEqual([401, 'not_signed_in'])
  })

  it.each([
    '/api/v1/auths/signin/',
    '/api/v1/auths%2Fsignin',
    '/api/v1/auths/sign%69n',
    '/api//v1/auths/signin',
    '/API/v1/auths/signin',
    '/api/v1/auths/signin;x=1',
    '/api/v1/auths/signup',
    '/api/v1/auths/Signup/',
    '/api/v1/auths%2fsignup',
    '/api/v1/auths/ldap',
    '/api/v1/auths/mfa/enroll/start',
    '/api/v1/auths/oauth/oidc/token/exchange',
    '/api/v1/scim/v2/Users',
    '/oauth/backchannel-logout',
  ])('and what makes accounts past Portero is closed in every spelling: %s', async (path) => {
    const ana = await somebodyIn()
    webui.requests.length = 0
    const { status } = await post(path, ana.cookie)
    expect([400, 403]).toContain(status)
    expect(webui.requests).toEqual([])
  })
})

describe('an end', () => {
  it('asked for by the page of Open WebUI happens at the navigation with its ticket, not before', async () => {
    const ana = await somebodyIn()
    const { json, cookies } = await post('/api/v1/auths/signout', ana.cookie)
    expect(json.redirect_url).toMatch(/^\/_portero\/signout\?ticket=/)
    expect(cookies).toHaveProperty('token')
    await sleep(700)
    expect((await get('/_portero/api/me', ana.cookie)).status).toBe(200)
    expect(revokes()).toHaveLength(0)
    const out = await get(
      `${json.redirect_url}&post_logout_redirect_uri=x&state=logout`,
      ana.cookie,
      navigation,
    )
    expect([out.status, out.headers.location, out.headers['clear-site-data']]).toEqual([
      303,
      '/_portero/signin',
      '"storage"',
    ])
    expect((await get('/_portero/api/me', ana.cookie)).status).toBe(401)
    await until(() => statusThere(ana.token)).toBe(401)
  })

  it('of one session of two leaves the other in; of the last one it ends all that was handed out', async () => {
    const phone = freshPhone()
    const one = await somebodyIn(phone)
    const two = await somebodyIn(phone)
    await post('/_portero/api/signout', one.cookie)
    await sleep(1_000)
    expect(revokes()).toHaveLength(0)
    expect(await statusThere(two.token)).toBe(200)
    await post('/_portero/api/signout', two.cookie)
    await until(() => statusThere(two.token)).toBe(401)
    expect(revokes().length).toBeGreaterThan(0)
  })

  it('is told before the next sign-in, which stays in', async () => {
    const phone = freshPhone()
    const one = await somebodyIn(phone)
    await post('/_portero/api/signout', one.cookie)
    const two = await somebodyIn(phone)
    await until(() => statusThere(one.token)).toBe(401)
    await sleep(1_500)
    expect(await statusThere(two.token)).toBe(200)
  })

  it('closes the websocket of that browser', async () => {
    const ana = await somebodyIn()
    const ws = new WebSocket(`${portero.url.replace('http', 'ws')}/ws/socket.io/?EIO=4&transport=websocket`, {
      headers: { cookie: ana.cookie, origin: portero.url },
    })
    await new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject))
    const closed = new Promise<number>((resolve) => ws.on('close', resolve))
    await post('/_portero/api/signout', ana.cookie)
    expect(await closed).toBe(1008)
  })

  it('by a block is the end of everything there within seconds, and an unblocked person has their role again', async () => {
    const ana = await somebodyIn()
    const key = webui.accounts.createApiKey(ana.account)
    expect(await statusThere(key)).toBe(200)
    await portero.run('people', 'block', ana.phone)
    await until(() => statusThere(key)).toBe(401)
    expect([ana.account.role, await statusThere(ana.token)]).toEqual(['pending', 401])
    await portero.run('people', 'unblock', ana.phone)
    await until(() => ana.account.role).toBe('user')
  })

  it('by deletion of the person with plain SQL is an end there too', async () => {
    const ana = await somebodyIn()
    await sql('delete from public.usuarios where id = $1', [ana.personId])
    await until(() => [ana.account.role]).toEqual(['pending'])
    expect(await statusThere(ana.token)).toBe(401)
  })

  it('that happens while the app is away is told when it is back', async () => {
    const ana = await somebodyIn()
    webui.answerInstead = (_, res) => {
      res.destroy()
      return true
    }
    await portero.run('people', 'block', ana.phone)
    await sleep(1_000)
    expect(ana.account.role).toBe('user')
    webui.answerInstead = undefined
    await until(() => ana.account.role).toBe('pending')
  })

  it('that Portero is killed over while it tells of it is told within 20 s of its return', async () => {
    const ana = await somebodyIn()
    let isHeard = false
    webui.answerInstead = ({ url }) => {
      const isAboutHer = url === `/api/v1/users/${ana.account.id}`
      isHeard ||= isAboutHer
      return isAboutHer
    }
    await portero.run('people', 'block', ana.phone)
    await until(() => isHeard).toBe(true)
    await portero.kill9()
    webui.answerInstead = undefined
    await portero.restart()
    const backAt = performance.now()
    await until(() => ana.account.role).toBe('pending')
    expect(performance.now() - backAt).toBeLessThan(20_000)
    expect(await statusThere(ana.token)).toBe(401)
  })
})

describe('what changes here', () => {
  it('changes there: the name, the role, the groups, and "no group" as well', async () => {
    const ana = await somebodyIn()
    const groups = () =>
      webui.accounts.groups
        .filter(({ id }) => ana.account.groupIds.has(id))
        .map(({ name }) => name)
        .sort()
    await portero.run('people', 'set', ana.phone, '--name', 'Ana Núñez', '--groups', 'Ventas,Soporte')
    await until(() => [ana.account.name, groups()]).toEqual(['Ana Núñez', ['Soporte', 'Ventas']])
    await portero.run('people', 'set', ana.phone, '--role', 'admin')
    await until(() => ana.account.role).toBe('admin')
    await portero.run('people', 'set', ana.phone, '--groups', '')
    await until(groups).toEqual([])
  })

  it('leaves alone what somebody changed there', async () => {
    const ana = await somebodyIn()
    ana.account.name = 'Anita'
    ana.account.role = 'admin'
    await post('/_portero/api/signout', ana.cookie)
    await somebodyIn(ana.phone)
    expect([ana.account.name, ana.account.role]).toEqual(['Anita', 'admin'])
  })

  it('joins an account that was there before when an administrator says so, and never by itself', async () => {
    const old = webui.accounts.createAccount('maria@example.org', 'María')
    const phone = freshPhone()
    expect((await somebodyIn(phone)).account.id).not.toBe(old.id)
    const { code } = await portero.run('people', 'join', phone, '--upstream-email', 'Maria@Example.org')
    expect(code).toBe(0)
    const { account } = await somebodyIn(phone)
    expect([account.id, account.name]).toEqual([old.id, 'María'])
  })

  it('stops the API keys of an account that somebody leaves for another, and gives it back as an ordinary user’s', async () => {
    const old = webui.accounts.createAccount('rosa@example.org', 'Rosa')
    const ana = await somebodyIn()
    const key = webui.accounts.createApiKey(ana.account)
    expect(await statusThere(key)).toBe(200)
    await portero.run('people', 'join', ana.phone, '--upstream-email', old.email)
    await until(() => statusThere(key)).toBe(401)
    await portero.run('people', 'join', ana.phone, '--upstream-email', '')
    const { account } = await somebodyIn(ana.phone)
    expect([account.id, account.role]).toEqual([ana.account.id, 'user'])
  })
})

describe('an app that is set up otherwise', () => {
  it.each([
    [
      'asks for a second factor',
      { ENABLE_MFA: 'true' },
      'segundo paso',
      'MFA_ALLOW_TRUSTED_HEADER_BYPASS=true',
    ],
    [
      'takes no sign-ins',
      { ENABLE_PASSWORD_AUTH: 'false' },
      'no acepta ingresos',
      'ENABLE_PASSWORD_AUTH=true',
    ],
    [
      'believes no header',
      { WEBUI_AUTH_TRUSTED_EMAIL_HEADER: '' },
      'no está preparada',
      'WEBUI_AUTH_TRUSTED_EMAIL_HEADER=X-Portero-Email',
    ],
  ])(
    'and %s is told in a sentence, and the operator in a line with what to set',
    async (_, settings, sentence, line) => {
      const here = await signInByApi(portero.url)
      Object.assign(webui.settings, settings)
      const { status, text } = await get('/_portero/handoff', here.cookie, {
        ...navigation,
        'accept-language': 'es',
      })
      expect(status).toBe(503)
      expect(text).toContain(sentence)
      expect(portero.output()).toContain(line)
      Object.assign(webui.settings, {
        ENABLE_MFA: '',
        ENABLE_PASSWORD_AUTH: '',
        WEBUI_AUTH_TRUSTED_EMAIL_HEADER: 'X-Portero-Email',
      })
      expect((await get('/_portero/handoff', here.cookie, navigation)).status).toBe(200)
    },
  )

  it.each([
    ['garbage', 'I am not JSON'],
    ['another shape', '{"token":{"value":"x"}}'],
    ['nothing', ''],
  ])('and answers %s is told as such', async (_, body) => {
    const here = await signInByApi(portero.url)
    webui.answerInstead = (req, res) => {
      if (req.url === '/api/v1/auths/signin') res.end(body)
      return req.url === '/api/v1/auths/signin'
    }
    const { status, text } = await get('/_portero/handoff', here.cookie, {
      ...navigation,
      'accept-language': 'es',
    })
    expect(status).toBe(503)
    expect(text).toContain('no entendemos')
  })
})

describe('the loader', () => {
  it('is Portero’s script followed by the one that stands there', async () => {
    webui.loader = 'window.theirs = 1'
    const ana = await somebodyIn()
    const { headers, text } = await get('/static/loader.js', ana.cookie)
    expect([headers['content-type'], headers['cache-control']]).toEqual([
      'text/javascript; charset=utf-8',
      'no-cache',
    ])
    expect(text).toContain('Portero-Refusal')
    expect(text.trimEnd()).toMatch(/;\nwindow\.theirs = 1$/)
    expect(text.length).toBeLessThan(3_000)
  })
})

describe('an API key of Open WebUI', () => {
  it('opens the listed path alone', async () => {
    const { account, token } = await somebodyIn()
    const withKey = (path: string, authorization: string) => get(path, '', { authorization })
    const key = `Bearer ${webui.accounts.createApiKey(account)}`
    expect((await withKey('/api/models', key)).status).toBe(200)
    expect((await withKey('/api/v1/users/', key)).status).toBe(401)
    expect((await withKey('/api/models', `Bearer ${token}`)).status).toBe(401)
  })

  it.each(['/api/v1/auths/signin', '/api/v1/auths/*', '/api/*', '/*', '/API/v1/AUTHS/x'])(
    'can never be let in at %s',
    async (path) => {
      const { code, stderr } = await runPortero(['config', 'check'], {
        ...portero.env,
        PORTERO_UPSTREAM__API_KEY_PATHS: path,
      })
      expect(code).toBe(78)
      expect(stderr).toContain('never /api/v1/auths/')
    },
  )
})

describe('an app that is hidden behind another answer at first', () => {
  it('gets nobody in where it would make accounts, until it is recognised', async () => {
    const hidden = await openOpenWebuiStandIn()
    hidden.answerInstead = (req, res) => {
      if (req.url === '/api/config') res.writeHead(404).end('default backend')
      return req.url === '/api/config'
    }
    const early = await openPortero({ PORTERO_DEMO: 'true', OPENWEBUI_URL: hidden.url.href })
    try {
      const here = await signInByApi(early.url)
      const headers = { cookie: here.cookie }
      expect((await call(`${early.url}/`, { headers: { ...headers, ...navigation } })).status).toBe(200)
      for (const path of ['/api/v1/auths/signin', '/api/v1/auths/signup', '/API/v1//auths%2Fsignin'])
        expect([400, 403]).toContain((await call(`${early.url}${path}`, { json: {}, headers })).status)
      expect(hidden.accounts.accounts).toEqual([])
    } finally {
      await early.dispose()
      await hidden.close()
    }
  })
})

describe('an app that lost its accounts while Portero runs', () => {
  it('has Portero’s as the first again, and everybody else as an ordinary user, also after a sign-in that failed', async () => {
    const ana = await somebodyIn()
    webui.accounts.accounts.length = 0
    let signInsOfAna = 0
    webui.answerInstead = ({ url, headers }, res) => {
      if (url !== '/api/v1/auths/signin' || headers['x-portero-email'] !== ana.account.email) return false
      signInsOfAna += 1
      if (signInsOfAna === 2) res.destroy()
      return signInsOfAna === 2
    }
    for (let i = 0; i < 3; i += 1) await get('/_portero/handoff', ana.cookie)
    expect(webui.accounts.accounts.map(({ email, role }) => [email, role])).toEqual([
      [serviceEmail, 'admin'],
      [ana.account.email, 'user'],
    ])
  })
})

describe('an app that starts after Portero', () => {
  it('is recognised when it comes, and Portero is there before anybody else', async () => {
    const place = await openOpenWebuiStandIn()
    await place.close()
    const late = await openPortero({ PORTERO_DEMO: 'true', OPENWEBUI_URL: place.url.href })
    try {
      const here = await signInByApi(late.url)
      const away = await call(`${late.url}/`, { headers: { cookie: here.cookie, ...navigation } })
      expect(away.status).toBe(502)
      const app = await openOpenWebuiStandIn({}, place.port)
      const found = await call(`${late.url}/`, { headers: { cookie: here.cookie, ...navigation } })
      expect(found.headers.location).toMatch(/^\/_portero\/handoff/)
      await call(`${late.url}/_portero/handoff`, { headers: { cookie: here.cookie, ...navigation } })
      expect(app.accounts.accounts.map(({ email, role }) => [email === serviceEmail, role])).toEqual([
        [true, 'admin'],
        [false, 'user'],
      ])
      await app.close()
    } finally {
      await late.dispose()
    }
  })
})
