import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, cookieHeader } from '../support/call.ts'
import { openPortero, type PorteroProcess } from '../support/portero-process.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { freshPhone, signInByApi, wrongCode } from '../support/sign-in.ts'

const jwtSecret = 'the secret of the tests that nobody should read anywhere'
const keySecret = 'the other secret of the tests that nobody should read'

describe('the logs, at their most talkative, of a whole story', () => {
  let portero: PorteroProcess
  /** What must not be found, by what it is. */
  const secrets = new Map<string, string>([
    [jwtSecret, 'the JWT secret'],
    [keySecret, 'the secret of the keys'],
  ])
  const hide = (what: string, ...values: (string | undefined)[]) => {
    for (const value of values) if (value !== undefined && value.length > 4) secrets.set(value, what)
  }
  const hidePhone = (phone: string) => hide('a phone number', phone, phone.slice(1), phone.slice(3))

  beforeAll(async () => {
    portero = await openPortero({
      PORTERO_LOG__LEVEL: 'debug',
      OPENWEBUI_JWT_SECRET: jwtSecret,
      PORTERO_KEYS__SECRETS: keySecret,
      // Nothing listens there: every request to the app behind fails.
      OPENWEBUI_URL: 'http://127.0.0.1:9',
    })
  })
  afterAll(() => portero.dispose())

  it('hold no code, token, key, cookie, password, name or full number', { timeout: 60_000 }, async () => {
    const phone = freshPhone()
    hidePhone(phone)
    const asked = (await call(`${portero.url}/otp/request`, { json: { phone } })).json
    hide('a code', asked.code)
    hide('a wrong code', wrongCode(asked.code))
    await call(`${portero.url}/otp/verify`, { json: { phone, code: wrongCode(asked.code) } })
    const verified = await call(`${portero.url}/otp/verify`, { json: { phone, code: asked.code } })
    const { token, refresh_token } = verified.json
    const cookie = cookieHeader(verified.cookies)
    hide('a token', token, token.split('.')[2], refresh_token)
    hide('a cookie', ...Object.values(verified.cookies))
    const own = { cookie, origin: portero.url }
    hide('a name', 'Zacarías Quispe')
    await call(`${portero.url}/_portero/signin/name`, { form: { name: 'Zacarías Quispe' }, headers: own })
    await call(`${portero.url}/signin?token=${token}`)
    await call(`${portero.url}/signin?token=${token}x&return=/${phone}`)
    await call(`${portero.url}/anything?phone=${encodeURIComponent(phone)}&token=${token}`, {
      headers: { cookie },
    })
    await call(`${portero.url}/anything`, {
      headers: { cookie, accept: 'text/html', 'sec-fetch-mode': 'navigate' },
    })
    const refreshed = (await call(`${portero.url}/_portero/api/token/refresh`, { json: { refresh_token } }))
      .json
    hide('a token', refreshed.token, refreshed.refresh_token)
    await call(`${portero.url}/_portero/api/token/refresh`, {
      json: { refresh_token: refreshed.refresh_token },
    })
    // A token that somebody has a copy of, and what ends by it.
    expect(
      (await call(`${portero.url}/_portero/api/token/refresh`, { json: { refresh_token } })).status,
    ).toBe(401)
    await call(`${portero.url}/_portero/auth`, { headers: { authorization: `Bearer ${token}`, cookie } })

    const held = freshPhone()
    hidePhone(held)
    const flow = await call(`${portero.url}/_portero/signin/phone`, {
      form: { phone: held, country: 'BR' },
      headers: own,
    })
    hide('a cookie', ...Object.values(flow.cookies))
    hide('the secret of a challenge', ...Object.values(flow.cookies).map((value) => value.split('.')[1]))
    await call(`${portero.url}/_portero/signin/code`, {
      form: { code: '000000' },
      headers: { ...own, cookie: cookieHeader(flow.cookies) },
    })
    await call(`${portero.url}/_portero/demo`)

    for (const body of [`{"phone":"${phone}`, `phone=${phone}&code=${asked.code}`, '{"phone":{"a":1}}']) {
      await call(`${portero.url}/otp/verify`, { body, headers: { 'content-type': 'application/json' } })
    }
    await sendRaw(
      portero.port,
      rawRequest(`GET /otp/verify?code=${asked.code}&phone=${phone}`, ['Host: localhost', 'Host: b']),
    )
    await sendRaw(portero.port, `${phone} ${asked.code} ${token}\r\n\r\n`)
    await sendRaw(
      portero.port,
      rawRequest('GET /ws', [
        'Host: localhost',
        `Cookie: ${cookie}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ]),
    )

    const blocked = await signInByApi(portero.url)
    hidePhone(blocked.phone)
    hide('a token', blocked.token)
    for (const args of [
      ['people', 'set', blocked.phone, '--name', 'Zacarías Quispe'],
      ['people', 'block', blocked.phone],
    ]) {
      const ran = await portero.run(...args)
      expect(ran.stdout + ran.stderr).not.toContain(blocked.phone)
    }
    hide(
      'an API key',
      (await portero.run('keys', 'create', '--name', 'bot', '--scope', 'otp')).stdout.split('\n')[0],
    )

    // The database fails under a request, and dies.
    const client = new pg.Client({ connectionString: (await portero.run('db', 'url')).stdout.trim() })
    client.on('error', () => {})
    await client.connect()
    await client.query('begin; lock table portero.phone_guards in access exclusive mode')
    const stuck = freshPhone()
    hidePhone(stuck)
    expect((await call(`${portero.url}/otp/request`, { json: { phone: stuck } })).status).toBe(503)
    await client.query('rollback')
    await sleep(1200)
    await client.query('alter table portero.sends rename to sends_gone')
    const bug = await call(`${portero.url}/otp/request`, { json: { phone: stuck } })
    expect([bug.status, bug.json.code]).toEqual([500, 'internal_error'])
    expect(bug.text).not.toMatch(/sends|portero\.|select| at /)
    await client.query('alter table portero.sends_gone rename to sends')
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = 'portero'`,
    )
    await client.end()
    await sleep(300)

    for (const name of ['owner.password', 'superuser.password']) {
      hide('a password', (await readFile(join(portero.dataDir, name), 'utf8')).trim())
    }
    expect(await portero.stop()).toBe(0)
    const logs = { output: portero.output(), ...(await databaseLogs(portero.dataDir)) }
    expect(Object.keys(logs).length).toBeGreaterThan(1)
    expect(logs.output).toContain('a request failed by a bug')
    const found = Object.entries(logs).flatMap(([log, text]) =>
      [...secrets].flatMap(([value, what]) => {
        const at = occurrence(text, value)
        return at < 0 ? [] : [`${what} in ${log}: …${text.slice(Math.max(0, at - 150), at + 40)}`]
      }),
    )
    expect(found).toEqual([])
    expect(logs.output).not.toMatch(/eyJ[\w-]{10,}\.eyJ/)
    for (const line of logs.output.split('\n').filter((text) => text.startsWith('{')))
      expect(() => JSON.parse(line)).not.toThrow()
  })
})

/** Where a secret stands; digits count only by themselves, since times and ports are full of them. */
function occurrence(text: string, value: string): number {
  if (!/^\d{1,8}$/.test(value)) return text.indexOf(value)
  return new RegExp(`(?<![\\d.])${value}(?!\\d)`).exec(text)?.index ?? -1
}

async function databaseLogs(dataDir: string): Promise<Record<string, string>> {
  const names = (await readdir(dataDir)).filter((name) => name.endsWith('.log'))
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(dataDir, name), 'utf8')] as const),
    ),
  )
}
