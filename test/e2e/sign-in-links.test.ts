import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomSecret, secretHash } from '../../src/lib/random-secret.ts'
import { call, cookieHeader } from '../support/call.ts'
import type { TestDatabase } from '../support/database.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { atOnce, tally } from '../support/samples.ts'
import { freshPhone, signInByApi } from '../support/sign-in.ts'
import { openSimulatedPhone } from '../support/simulated-phone.ts'

let portero: PorteroInProcess
beforeAll(async () => {
  portero = await openPorteroInProcess()
})
afterAll(() => portero.close())

/** Somebody on record with their own phone, whom the bot remembers there. */
async function person(database: TestDatabase, name = 'Ana', phone = freshPhone()) {
  const [row] = await database.query<{ id: string }>(
    'insert into public.usuarios (nombre, apellido) values ($1, $2) returning id',
    [name, 'Souza'],
  )
  await database.query(`select portero.link_phone($1, $2, 'attested', 'cli')`, [phone, row!.id])
  return { phone, id: row!.id }
}

const linkIn = (text: string) => /https?:\/\/\S+\/_portero\/l\/[\w-]{32}/.exec(text)?.[0]
async function askForLink(name?: string) {
  const who = await person(portero.database, name)
  const url = linkIn(await openSimulatedPhone(portero.url, who.phone).say('entrar'))
  if (url === undefined) throw new Error('no link came')
  return { ...who, url, token: url.slice(-32) }
}
const press = (url: string, headers: Record<string, string> = {}) =>
  call(url, { form: {}, headers: { origin: portero.url, ...headers } })

describe('a link of the bot', () => {
  it('shows whose account it opens to whoever looks, spends nothing, and signs in by its button, once', async () => {
    const { url, phone, token } = await askForLink()
    expect(url.startsWith(`${portero.url}/_portero/l/`)).toBe(true)
    for (let i = 0; i < 3; i++) {
      const page = await call(url)
      expect(page.status).toBe(200)
      expect(page.text).toContain('Ana Souza')
      expect(page.text).toContain(`+55•••${phone.slice(-4)}`)
      expect(page.text).not.toContain(phone.slice(3))
      expect(page.text.match(new RegExp(token, 'g'))).toHaveLength(1)
      expect(page.cookies).toEqual({})
      expect(page.headers).toMatchObject({
        ...{ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' },
        ...{ 'x-robots-tag': 'noindex, nofollow', 'x-frame-options': 'DENY' },
      })
      expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    }
    const signedIn = await press(url)
    expect(signedIn.status).toBe(303)
    const account = await call(`${portero.url}/_portero/account`, {
      headers: { cookie: cookieHeader(signedIn.cookies) },
    })
    expect(account.text).toContain('Ana Souza')
    const [session] = await portero.database.query(
      `select s.amr, i.written_at = s.proved_at as is_proof from portero.sessions s
         left join portero.inbox i on i.chat_key = 'simulator:' || s.phone where s.phone = $1`,
      [phone],
    )
    expect(session).toEqual({ amr: ['otp', 'whatsapp'], is_proof: true })

    const again = await press(url)
    const [used, unknown] = [await call(url), await call(`${url.slice(0, -32)}${'x'.repeat(32)}`)]
    expect([again.status, used.status, unknown.status]).toEqual([401, 401, 401])
    expect(again.cookies).toEqual({})
    expect(used.text).toBe(unknown.text)
    expect(used.text).toMatch(/escreva (&quot;|")entrar|escribí (&quot;|")entrar|write (&quot;|")sign in/)
    expect(JSON.stringify(portero.logged)).not.toContain(token)
  })

  it('names nobody to whoever fetches it for a preview, or ahead of a click', async () => {
    const { url } = await askForLink()
    const looks = [
      { headers: { 'user-agent': 'WhatsApp/2.23.20.0 A' } },
      { headers: { 'user-agent': 'facebookexternalhit/1.1' } },
      { headers: { 'user-agent': 'Twitterbot/1.0' } },
      { headers: { 'sec-purpose': 'prefetch;prerender' } },
      { method: 'HEAD' },
    ]
    for (const look of looks) {
      const page = await call(url, look)
      expect(page.status).toBe(200)
      expect(page.text).not.toContain('Ana')
      expect(page.cookies).toEqual({})
    }
    expect((await press(url)).status).toBe(303)
  })

  it('of a hundred presses at once signs in one', async () => {
    const { url, phone } = await askForLink()
    const answers = await atOnce(100, () => press(url))
    expect(tally(answers.map(({ status }) => `${status}`))).toEqual({ 303: 1, 401: 99 })
    expect(
      await portero.database.query('select from portero.sessions where phone = $1', [phone]),
    ).toHaveLength(1)
  })

  it('is not spent by a page of somebody else', async () => {
    const { url } = await askForLink()
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', origin: portero.url },
    ])
      expect((await call(url, { form: {}, headers })).status).toBe(403)
    expect((await call(url, { form: {} })).status).toBe(403)
    expect((await call(url, { method: 'PUT', body: '' })).status).toBe(405)
    expect((await press(url)).status).toBe(303)
  })

  it('in a browser of somebody else names both, and ends that session when it is pressed', async () => {
    const { url } = await askForLink('Eva')
    const other = await signInByApi(portero.url)
    const page = await call(url, { headers: { cookie: other.cookie } })
    expect(page.text).toContain('Eva Souza')
    expect(page.text).toContain('+55 11 98000')
    await press(url, { cookie: other.cookie })
    expect((await call(`${portero.url}/_portero/auth`, { headers: { cookie: other.cookie } })).status).toBe(
      401,
    )
  })

  it('opens nothing once its person was forgotten or blocked, and is replaced by the next', async () => {
    const forgotten = await askForLink()
    await openSimulatedPhone(portero.url, forgotten.phone).say('olvidar')
    expect((await press(forgotten.url)).status).toBe(401)
    const blocked = await askForLink()
    await portero.database.query(
      `insert into portero.people (id, state) values ($1, 'blocked') on conflict (id) do update set state = 'blocked'`,
      [blocked.id],
    )
    expect([(await call(blocked.url)).status, (await press(blocked.url)).status]).toEqual([401, 401])
    const replaced = await askForLink()
    const next = linkIn(await openSimulatedPhone(portero.url, replaced.phone).say('entrar'))!
    expect([(await press(replaced.url)).status, (await press(next)).status]).toEqual([401, 303])
  })

  it('is for nobody who only typed a document', async () => {
    const phone = openSimulatedPhone(portero.url, freshPhone())
    await phone.say('12345678')
    expect(linkIn(await phone.say('entrar'))).toBeUndefined()
    expect(
      await portero.database.query('select from portero.sign_in_links where phone = $1', [phone.phone]),
    ).toEqual([])
  })
})

describe('outside the demo, by a program', () => {
  it('leads where the configuration says, whatever Host says; stands in no table, and is the same for a repeated message', async () => {
    const real = await openPorteroInProcess({
      ...{ PORTERO_DEMO: 'false', PORTERO_DELIVERY__CONSOLE: 'true', PORTERO_PEOPLE__ADMISSION: 'open' },
      ...{ PORTERO_PUBLIC_URL: 'http://localhost:8081' },
    })
    try {
      const keyFor = async (scopes: string[]) => {
        const key = `portero_key_${randomSecret()}${randomSecret()}`
        await real.database.query(
          'insert into portero.api_keys (name, secret_hash, scopes) values ($1, $2, $3)',
          [scopes.join(), secretHash(key), scopes],
        )
        return key
      }
      const proving = await keyFor(['chat', 'chat:prove'])
      const { phone } = await person(real.database)
      const ask = (key: string, id: string) =>
        call(`${real.url}/_portero/bot/messages`, {
          json: { from: phone, text: 'entrar', id },
          headers: {
            authorization: `Bearer ${key}`,
            host: 'evil.example',
            'x-forwarded-host': 'evil.example',
          },
        })
      const first = await ask(proving, '1')
      const url = linkIn(first.text)!
      expect(url.startsWith('http://localhost:8081/_portero/l/')).toBe(true)
      expect((await ask(proving, '1')).json).toEqual(first.json)
      const token = url.slice(-32)
      const tables = await real.database.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('portero', 'public')`,
      )
      for (const { name } of tables) {
        const found = await real.database.query(`select from ${name} t where t::text like '%' || $1 || '%'`, [
          token,
        ])
        expect([name, found.length]).toEqual([name, 0])
      }
      // Who merely says to be that phone gets none.
      expect(linkIn((await ask(await keyFor(['chat']), '2')).text)).toBeUndefined()
    } finally {
      await real.close()
    }
  })
})
