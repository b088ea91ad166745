import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { call } from '../../support/call.ts'
import { bearer, expectRefusal, newEmail, type OpenWebuiClient } from '../../support/open-webui/client.ts'

/** What Portero's own administrator account may do. */
export function administrationContract({
  at,
  signIn,
  whoAmI,
  administer,
  change,
  revoke,
  remove,
  groupsOf,
  newGroup,
}: OpenWebuiClient): void {
  describe('administration of accounts', () => {
    test('changes what is given and nothing else', async () => {
      const { id, email, token } = await signIn({ 'X-Portero-Name': 'Before' })
      const named = await change(id, { name: 'After' })
      expect(named.status).toBe(200)
      expect(named.json).toMatchObject({ id, email, name: 'After', role: 'user' })
      expect((await change(id, { role: 'pending' })).json).toMatchObject({ name: 'After', role: 'pending' })
      expect((await whoAmI(bearer(token))).json).toMatchObject({ name: 'After', role: 'pending' })
    })

    test('reads an account by its id', async () => {
      const { id, email, name } = await signIn()
      const answer = await administer(`/api/v1/users/${id}`)
      expect(answer.status).toBe(200)
      expect(answer.json).toMatchObject({ id, email, name, role: 'user' })
    })

    test('refuses to read and to change what does not exist with 400', async () => {
      const detail = "We could not find what you're looking for :/"
      expectRefusal(await administer('/api/v1/users/no-such-account'), 400, detail)
      expectRefusal(await change('no-such-account', { name: 'x' }), 400, detail)
    })

    test('finds accounts by a part of the address or name', async () => {
      const { id, email } = await signIn({ 'X-Portero-Name': `Zoë ${randomBytes(6).toString('hex')}` })
      const found = await administer(`/api/v1/users/?query=${email.slice(2, 14).toUpperCase()}`)
      expect(found.json).toMatchObject({ total: 1, users: [{ id, email, role: 'user', group_ids: [] }] })
      expect((await administer(`/api/v1/users/?query=${newEmail()}`)).json).toEqual({ users: [], total: 0 })
    })

    test('is closed to others with 401', async () => {
      const { id, token } = await signIn()
      const paths = ['/api/v1/users/', `/api/v1/users/${id}`, '/api/v1/auths/admin/config']
      for (const path of [...paths, '/api/v1/auths/admin/config/oauth']) {
        expect((await call(at(path), { headers: bearer(token) })).status).toBe(401)
      }
    })

    test('deletes an account with its sessions, and the next sign-in makes another one', async () => {
      const { id, email, token } = await signIn()
      const answer = await remove(id)
      expect([answer.status, answer.json]).toEqual([200, true])
      expectRefusal(await whoAmI(bearer(token)), 401, 'Invalid authentication request.')
      expect((await signIn({ 'X-Portero-Email': email })).id).not.toBe(id)
    })

    test('deletes what is not there as well', async () => {
      expect((await remove('no-such-account')).json).toBe(true)
    })

    test('lets another administrator do nothing to the first account', async () => {
      const oldest = await administer('/api/v1/users/?order_by=created_at&direction=asc')
      const [{ created_at }] = oldest.json.users
      const ofThatSecond = oldest.json.users.filter(
        (user: { created_at: number }) => user.created_at === created_at,
      )
      const outcomes = []
      for (const { id } of ofThatSecond) outcomes.push((await revoke(id)).status)
      expect(outcomes.filter((status) => status === 403)).toHaveLength(1)
      const first = ofThatSecond[outcomes.indexOf(403)].id
      const detail = 'The requested action has been restricted as a security measure.'
      expectRefusal(await revoke(first), 403, detail)
      expectRefusal(await change(first, { name: 'x' }), 403, detail)
      expectRefusal(await remove(first), 403, detail)
    })

    test('tells the settings in force', async () => {
      const { status, json } = await administer('/api/v1/auths/admin/config')
      expect(status).toBe(200)
      expect(json).toMatchObject({ DEFAULT_USER_ROLE: 'user', JWT_EXPIRES_IN: '12h', ENABLE_MFA: false })
      expect(json).toMatchObject({ MFA_ALLOW_TRUSTED_HEADER_BYPASS: false, ENABLE_SIGNUP: false })
      const oauth = await administer('/api/v1/auths/admin/config/oauth')
      expect(oauth.json).toMatchObject({ OAUTH_CLIENT_ID: '', OAUTH_CLIENT_SECRET: '' })
    })
  })

  describe('groups', () => {
    test('are made by an administrator, and listed', async () => {
      const group = await newGroup()
      const { status, json } = await administer('/api/v1/groups/')
      expect(status).toBe(200)
      const made = json.find((one: { name: string }) => one.name === group)
      expect(made).toMatchObject({ name: group, description: '', member_count: 0 })
      expect(made.id).toBeTypeOf('string')
    })

    test('may have the same name, and a person is then in both', async () => {
      const group = await newGroup()
      await administer('/api/v1/groups/create', { name: group, description: '' })
      const { id } = await signIn({ 'X-Portero-Groups': group })
      expect(await groupsOf(id)).toEqual([group, group])
    })

    test('need a description, and an administrator', async () => {
      expect((await administer('/api/v1/groups/create', { name: 'x' })).status).toBe(422)
      const { token } = await signIn()
      const json = { name: 'x', description: '' }
      expect((await call(at('/api/v1/groups/create'), { json, headers: bearer(token) })).status).toBe(401)
    })
  })
}
