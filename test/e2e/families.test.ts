import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { call, cookieHeader } from '../support/call.ts'
import { type EchoUpstream, openEchoUpstream } from '../support/echo-upstream.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { atOnce, tally } from '../support/samples.ts'
import { freshPhone, requestCode } from '../support/sign-in.ts'

let upstream: EchoUpstream
let portero: PorteroInProcess
beforeAll(async () => {
  upstream = await openEchoUpstream()
  portero = await openPorteroInProcess({
    OPENWEBUI_URL: upstream.url.href,
    PORTERO_UPSTREAM__KIND: 'generic',
  })
})
afterAll(async () => {
  await portero.close()
  await upstream.close()
})

const names = ['Ana Souza', 'Bruno Souza', 'Lucía Souza'] as const

/** Three people on one phone, by their ids. */
async function family() {
  const phone = freshPhone()
  const ids: string[] = []
  for (const name of names) {
    const [row] = await portero.database.query<{ id: string }>(
      'select id from portero.add_person_beside($1, $2, $3, null, $4, 180)',
      [phone, ...name.split(' '), []],
    )
    ids.push(row!.id)
  }
  return { phone, ids: ids as [string, string, string] }
}

async function signIn(phone: string) {
  const { code, challenge_id } = await requestCode(portero.url, phone)
  return call(`${portero.url}/otp/verify`, { json: { phone, code, challenge_id } })
}
const change = (personId: string, headers: Record<string, string>) =>
  call(`${portero.url}/_portero/api/me/switch`, { json: { person_id: personId }, headers })
const meOf = (headers: Record<string, string>) => call(`${portero.url}/_portero/api/me`, { headers })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('POST /_portero/api/me/switch', () => {
  it('answers as verify does: tokens, cookies, who it is and who else there is; what was before opens nothing', async () => {
    const { phone, ids } = await family()
    const first = await signIn(phone)
    expect(first.json.user).toMatchObject({ id: ids[0], name: 'Ana Souza' })
    const others = first.json.user.others as { id: string; name: string }[]
    expect(Object.fromEntries(others.map(({ id, name }) => [id, name]))).toEqual({
      [ids[1]]: 'Bruno Souza',
      [ids[2]]: 'Lucía Souza',
    })
    const second = await change(ids[2], bearer(first.json.token))
    expect(second.status).toBe(200)
    expect(Object.keys(second.json)).toEqual(Object.keys(first.json))
    expect(second.json.user).toEqual({
      ...{ id: ids[2], phone, name: 'Lucía Souza', level: 'confirmed', role: null },
      others: [
        { id: ids[0], name: 'Ana Souza' },
        { id: ids[1], name: 'Bruno Souza' },
      ],
    })
    expect((await meOf(bearer(second.json.token))).json.id).toBe(ids[2])
    expect((await meOf({ cookie: cookieHeader(second.cookies) })).json.id).toBe(ids[2])
    expect((await meOf(bearer(first.json.token))).status).toBe(401)
    expect((await meOf({ cookie: cookieHeader(first.cookies) })).status).toBe(401)
    const refresh = (refresh_token: string) =>
      call(`${portero.url}/_portero/api/token/refresh`, { json: { refresh_token } })
    expect((await refresh(first.json.refresh_token)).json.code).toBe('invalid_token')
    expect((await refresh(second.json.refresh_token)).status).toBe(200)
    const back = await change(ids[0], { cookie: cookieHeader(second.cookies) })
    expect(back.json.user.name).toBe('Ana Souza')
  })

  it('takes a form, and an id in capitals', async () => {
    const { phone, ids } = await family()
    const { json } = await signIn(phone)
    const form = { person_id: ids[1].toUpperCase() }
    const answer = await call(`${portero.url}/_portero/api/me/switch`, { form, headers: bearer(json.token) })
    expect(answer.json.user.id).toBe(ids[1])
  })

  it('gives one answer for whoever is not to be chosen, and leaves the session as it is', async () => {
    const { phone, ids } = await family()
    const stranger = await signIn(freshPhone())
    const { json } = await signIn(phone)
    await portero.database.query(`update portero.people set state = 'blocked' where id = $1`, [ids[1]])
    for (const id of [stranger.json.user.id, ids[0], ids[1], crypto.randomUUID()]) {
      const refused = await change(id, bearer(json.token))
      expect([refused.status, refused.json.code, refused.cookies]).toEqual([404, 'person_not_here', {}])
    }
    expect((await change('x', bearer(json.token))).json.code).toBe('invalid_request')
    expect((await change(ids[2], {})).json.code).toBe('not_signed_in')
    expect((await change(ids[2], bearer('x.y.z'))).json.code).toBe('invalid_token')
    expect((await meOf(bearer(json.token))).json.id).toBe(ids[0])
  })

  it('makes no session older than an administrator’s one of an administrator', async () => {
    const { phone, ids } = await family()
    const { json } = await signIn(phone)
    await portero.database.query(`update portero.people set role = 'admin' where id = $1`, [ids[1]])
    await portero.database.query(
      `update portero.sessions set started_at = started_at - interval '13 hours' where phone = $1`,
      [phone],
    )
    const refused = await change(ids[1], bearer(json.token))
    expect([refused.status, refused.json.code]).toEqual([403, 'proof_too_old'])
    expect((await change(ids[2], bearer(json.token))).status).toBe(200)
  })

  it('raises no level: the age of the proof comes along', async () => {
    const { phone, ids } = await family()
    const { json } = await signIn(phone)
    await portero.database.query(
      `update portero.sessions set proved_at = proved_at - interval '11 minutes' where phone = $1`,
      [phone],
    )
    expect((await change(ids[1], bearer(json.token))).json.user.level).toBe('verified')
  })

  it('of fifty at once one does, and one session lives', async () => {
    const { phone, ids } = await family()
    const { json } = await signIn(phone)
    const answers = await atOnce(50, (i) => change(ids[1 + (i % 2)]!, bearer(json.token)))
    const codes = tally(answers.map(({ json }) => json.code ?? 'switched'))
    expect(codes.switched).toBe(1)
    // Whoever comes after it is a stranger, or finds the session gone.
    expect(
      Object.keys(codes).every((code) => ['switched', 'invalid_token', 'session_not_found'].includes(code)),
    ).toBe(true)
    const live = await portero.database.query('select id from portero.live_sessions where phone = $1', [
      phone,
    ])
    expect(live.length).toBe(1)
  })
})

describe('a family of three on one phone, in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  /** As it stands on the phone of the demo. */
  async function newestCode(context: BrowserContext): Promise<string> {
    const page = await context.newPage()
    await page.goto(`${portero.url}/_portero/demo`)
    const code = await page.locator('.bubble button[data-code]').last().getAttribute('data-code')
    await page.close()
    return code!
  }

  it.each([{ javaScriptEnabled: true }, { javaScriptEnabled: false }])(
    'each is asked who they are, by keyboard too, and finds their own account ($javaScriptEnabled script)',
    async (options) => {
      const { phone, ids } = await family()
      const context = await browser.newContext({ locale: 'es-AR', ...options })
      const page = await context.newPage()
      const me = async () => (await context.request.get(`${portero.url}/_portero/api/me`)).json()
      const enter = async () => {
        await page.goto(`${portero.url}/_portero/signin?return=/echo/chat`)
        await page.getByLabel('Tu número').fill(phone)
        await page.getByRole('button', { name: 'Seguir', exact: true }).click()
        await page.getByLabel('Código de 6 números').waitFor()
        await page.getByLabel('Código de 6 números').fill(await newestCode(context))
        await page.getByRole('button', { name: 'Entrar' }).click()
        await page.getByRole('heading', { name: '¿Quién sos?' }).waitFor()
      }
      upstream.requests.length = 0

      await enter()
      expect(await page.getByRole('button', { name: /Souza/ }).allTextContents()).toEqual([
        ...['Ana Souza', 'Lucía Souza', 'Bruno Souza'],
      ])
      expect(upstream.requests).toEqual([])
      await page.getByRole('button', { name: 'Lucía Souza' }).focus()
      await page.keyboard.press('Enter')
      await page.waitForURL('**/echo/chat')
      expect((await me()).id).toBe(ids[2])
      expect(upstream.requests.every(({ rawHeaders }) => rawHeaders.includes(ids[2]))).toBe(true)

      await page.goto(`${portero.url}/_portero/account`)
      await page.getByRole('link', { name: 'Soy otra persona' }).click()
      await page.getByRole('button', { name: 'Bruno Souza' }).click()
      await page.getByRole('heading', { name: 'Tu cuenta', exact: true }).waitFor()
      await page.getByText('Bruno Souza').waitFor()
      expect((await me()).id).toBe(ids[1])
      await page.getByRole('button', { name: 'Salir' }).first().click()
      await page.getByText('Saliste').waitFor()

      await enter()
      expect(await page.getByRole('button', { name: /Souza/ }).first().textContent()).toBe('Bruno Souza')
      await page.getByRole('button', { name: 'Bruno Souza' }).click()
      await page.waitForURL('**/echo/chat')
      expect((await me()).id).toBe(ids[1])
      await context.close()
    },
    60_000,
  )
})
