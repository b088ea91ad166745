import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Answer, call } from '../call.ts'

/** Where the program listens, and the origin that it takes for its own. */
export type OpenedOpenWebui = { readonly url: string; readonly publicOrigin: string }

/** A session as the sign-in answers it. */
export type Person = {
  id: string
  email: string
  name: string
  role: string
  token: string
  expires_at: number
}

export const newEmail = () => `u-${randomBytes(8).toString('hex')}@people.invalid`
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
export const cookie = (token: string) => ({ cookie: `token=${token}` })

export function expectRefusal(answer: Answer, status: number, detail: string): void {
  expect([answer.status, answer.json]).toEqual([status, { detail }])
}

/** Calls Open WebUI, or its stand-in, as the person or the administrator that a test needs; `prepare` comes before all else. */
export function openWebuiClient(opened: () => OpenedOpenWebui) {
  let admin: Person
  const at = (path: string) => `${opened().url}${path}`
  const asAdmin = () => bearer(admin.token)

  function askToSignIn(
    headers: Record<string, string | string[]>,
    json: unknown = { email: '', password: '' },
  ) {
    // As bytes: Node writes header values in UTF-8 when a text follows.
    const body = Buffer.from(JSON.stringify(json))
    return call(at('/api/v1/auths/signin'), {
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
  }
  async function signIn(headers: Record<string, string | string[]> = {}): Promise<Person> {
    const answer = await askToSignIn({ 'X-Portero-Email': newEmail(), ...headers })
    expect(answer.status).toBe(200)
    return answer.json as Person
  }
  const whoAmI = (headers: Record<string, string>) => call(at('/api/v1/auths/'), { headers })
  const administer = (path: string, json?: unknown) =>
    call(at(path), { headers: asAdmin(), ...(json !== undefined && { json }) })
  const change = (id: string, changes: object) => administer(`/api/v1/users/${id}/update`, changes)
  const revoke = (id: string, headers = asAdmin()) =>
    call(at(`/api/v1/users/${id}/sessions/revoke`), { method: 'POST', headers })
  const remove = (id: string) => call(at(`/api/v1/users/${id}`), { method: 'DELETE', headers: asAdmin() })
  async function groupsOf(id: string): Promise<string[]> {
    const { json } = await administer(`/api/v1/users/${id}/groups`)
    return (json as { name: string }[]).map((group) => group.name)
  }
  async function newGroup(): Promise<string> {
    const group = `Group ${randomBytes(6).toString('hex')}`
    expect((await administer('/api/v1/groups/create', { name: group, description: '' })).status).toBe(200)
    return group
  }

  async function prepare(): Promise<void> {
    // Protected is the first account of the first second, so ours must not be of that second.
    await signIn({ 'X-Portero-Role': 'admin' })
    await sleep(1_100)
    admin = await signIn({ 'X-Portero-Role': 'admin', 'X-Portero-Name': 'Administrator' })
  }

  return {
    opened,
    at,
    asAdmin,
    prepare,
    askToSignIn,
    signIn,
    whoAmI,
    administer,
    change,
    revoke,
    remove,
    groupsOf,
    newGroup,
  }
}

export type OpenWebuiClient = ReturnType<typeof openWebuiClient>
