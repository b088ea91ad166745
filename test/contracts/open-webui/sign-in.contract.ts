import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { call } from '../../support/call.ts'
import { bearer, expectRefusal, newEmail, type OpenWebuiClient } from '../../support/open-webui/client.ts'

/** Who is signed in by which headers, and as what. */
export function signInContract({
  at,
  askToSignIn,
  signIn,
  whoAmI,
  administer,
  groupsOf,
  newGroup,
}: OpenWebuiClient): void {
  describe('signing in by header', () => {
    test('answers a session, the account and a cookie that page scripts cannot read', async () => {
      const email = newEmail()
      const before = Math.floor(Date.now() / 1000)
      const answer = await askToSignIn({ 'X-Portero-Email': email, 'X-Portero-Name': 'Ana' })
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe('application/json')
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.json).toMatchObject({ email, name: 'Ana', role: 'user', token_type: 'Bearer' })
      const { id, token, expires_at, permissions, profile_image_url } = answer.json
      expect(id).toMatch(/^[0-9a-f-]{36}$/)
      expect(permissions).toBeTypeOf('object')
      expect(profile_image_url).toBe(`/api/v1/users/${id}/profile/image`)
      expect(expires_at - before).toBeGreaterThanOrEqual(43_199)
      expect(expires_at - before).toBeLessThan(43_205)
      expect(answer.headers['set-cookie']).toEqual([
        `token=${token}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax`,
      ])
    })

    test('puts the account and the end of the session into the token', async () => {
      const { id, token, expires_at } = await signIn()
      const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
      expect(claims).toMatchObject({ id, exp: expires_at, typ: 'session', auth_method: 'trusted_header' })
      expect(claims.session_stamp).toBeTypeOf('string')
    })

    test('wants a JSON body with two texts, whatever they are', async () => {
      const headers = { 'X-Portero-Email': newEmail() }
      expect((await askToSignIn(headers, { email: 'somebody@else', password: 'x' })).json.email).toBe(
        headers['X-Portero-Email'],
      )
      expectRefusal(await askToSignIn(headers, { email: 1 }), 422, 'Invalid authentication request.')
      expectRefusal(await askToSignIn(headers, {}), 422, 'Invalid authentication request.')
      const form = await call(at('/api/v1/auths/signin'), { form: { email: '', password: '' }, headers })
      expect(form.status).toBe(422)
    })

    test('refuses when the header is missing, and says that it waits for one', async () => {
      const answer = await askToSignIn({ X_Portero_Email: newEmail() })
      expect(answer.status).toBe(400)
      expect(answer.json.detail).toContain('trusted header')
      expect(answer.headers['set-cookie']).toBeUndefined()
    })

    test('makes an account even of an empty header', async () => {
      const answer = await askToSignIn({ 'X-Portero-Email': '' })
      expect([answer.status, answer.json.email]).toEqual([200, ''])
    })

    test('takes the address in small letters and as it is otherwise', async () => {
      const odd = `+34 600 <${randomBytes(4).toString('hex')}>`
      const first = await signIn({ 'X-Portero-Email': odd.toUpperCase() })
      const second = await signIn({ 'x-portero-email': odd })
      expect(first.email).toBe(odd.toLowerCase())
      expect(second.id).toBe(first.id)
    })

    test.each([
      ['percent signs as UTF-8', 'Jos%C3%A9 %F0%9F%9A%AA', 'José 🚪'],
      ['bytes as Latin-1', Buffer.from('José', 'latin1').toString('latin1'), 'José'],
      ['bytes of UTF-8 as if they were Latin-1', Buffer.from('José').toString('latin1'), 'JosÃ©'],
      ['a stray percent sign as itself', '100%', '100%'],
      ['a plus as a plus', 'a+b', 'a+b'],
    ])('reads in the name %s', async (_, sent, shown) => {
      expect((await signIn({ 'X-Portero-Name': sent })).name).toBe(shown)
    })

    test('calls an account by its address when no name comes, and never changes a name afterwards', async () => {
      const person = await signIn()
      expect(person.name).toBe(person.email)
      const again = await signIn({ 'X-Portero-Email': person.email, 'X-Portero-Name': 'Later' })
      expect(again.name).toBe(person.email)
    })

    test('makes one account of twenty first sign-ins at once, though it may take some for unknown', async () => {
      const email = newEmail()
      const first = () => askToSignIn({ 'X-Portero-Email': email })
      const answers = await Promise.all(Array.from({ length: 20 }, first))
      const signedIn = answers.filter(({ status }) => status === 200)
      expect(new Set(signedIn.map(({ json }) => json.id)).size).toBe(1)
      for (const { status, json } of answers.filter((answer) => !signedIn.includes(answer))) {
        expect([status, json.detail]).toEqual([400, expect.stringContaining('email or password')])
      }
      expect((await administer(`/api/v1/users/?query=${email}`)).json.total).toBe(1)
    })

    test('believes the first of two headers', async () => {
      const emails = [newEmail(), newEmail()]
      expect((await signIn({ 'X-Portero-Email': emails })).email).toBe(emails[0])
    })

    test('keeps earlier sessions', async () => {
      const person = await signIn()
      await signIn({ 'X-Portero-Email': person.email })
      expect((await whoAmI(bearer(person.token))).status).toBe(200)
    })
  })

  describe('the role header', () => {
    test('makes administrators and people who wait, whatever its case and the blanks around it', async () => {
      expect((await signIn({ 'X-Portero-Role': ' ADMIN ' })).role).toBe('admin')
      expect((await signIn({ 'X-Portero-Role': 'Pending' })).role).toBe('pending')
    })

    test('leaves the role as it is when it is missing, empty or no role', async () => {
      const { email } = await signIn({ 'X-Portero-Role': 'admin' })
      for (const role of [{}, { 'X-Portero-Role': '' }, { 'X-Portero-Role': 'boss' }]) {
        expect((await signIn({ 'X-Portero-Email': email, ...role })).role).toBe('admin')
      }
    })

    test('takes the role away again, and the answer has the new one', async () => {
      const { email } = await signIn({ 'X-Portero-Role': 'admin' })
      expect((await signIn({ 'X-Portero-Email': email, 'X-Portero-Role': 'user' })).role).toBe('user')
    })
  })

  describe('the groups header', () => {
    test('makes membership exactly the existing groups that it names', async () => {
      const [one, two] = [await newGroup(), await newGroup()]
      const { id, email } = await signIn({ 'X-Portero-Groups': ` ${one} , ${two},no such group` })
      expect((await groupsOf(id)).sort()).toEqual([one, two].sort())
      await signIn({ 'X-Portero-Email': email, 'X-Portero-Groups': two })
      expect(await groupsOf(id)).toEqual([two])
    })

    test('leaves the groups as they are when it is missing or empty', async () => {
      const group = await newGroup()
      const { id, email } = await signIn({ 'X-Portero-Groups': group })
      await signIn({ 'X-Portero-Email': email })
      await signIn({ 'X-Portero-Email': email, 'X-Portero-Groups': ' , ' })
      expect(await groupsOf(id)).toEqual([group])
    })

    test('takes all groups away when no group has any of its names, by case too', async () => {
      const group = await newGroup()
      const { id, email } = await signIn({ 'X-Portero-Groups': group })
      await signIn({ 'X-Portero-Email': email, 'X-Portero-Groups': group.toUpperCase() })
      expect(await groupsOf(id)).toEqual([])
    })
  })
}
