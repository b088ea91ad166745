import { describe, expect, test } from 'vitest'
import { openPagesHouse } from '../../test/pages/pages-house.ts'
import { openVisitor, signedInVisitor } from '../../test/pages/visitor.ts'

describe('the account', () => {
  test('sends a stranger to sign in and brings them back', async () => {
    const answer = await openVisitor(openPagesHouse()).visit('/_portero/account')
    expect(answer.headers.location).toBe('/_portero/signin?return=%2F_portero%2Faccount')
  })

  test('signs out here: the session ends, every cookie goes but the device, storage is cleared', async () => {
    const house = openPagesHouse()
    const { visit, cookies } = await signedInVisitor(house)
    const id = cookies.get('portero')!
    const answer = await visit('/_portero/signout', { form: {}, body: '' })
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/_portero/signed-out'])
    expect(answer.headers['clear-site-data']).toBe('"storage"')
    expect(house.sessions.has(id)).toBe(false)
    expect([...cookies.keys()]).toEqual(['portero_device'])
    expect((await visit('/_portero/signed-out')).body).toContain('Saliste')
  })

  test('does not say "signed out" when the session could not be ended', async () => {
    const house = openPagesHouse()
    const { visit, cookies } = await signedInVisitor(house)
    house.refuseNext('endSession', 'database_unavailable')
    const answer = await visit('/_portero/signout', { body: '' })
    expect(answer.statusCode).toBe(503)
    expect(answer.headers['retry-after']).toBeDefined()
    expect(cookies.has('portero')).toBe(true)
  })

  test('ends one session, all of them, and forgets the browser', async () => {
    const house = openPagesHouse()
    const { visit, cookies } = await signedInVisitor(house)
    const mine = house.sessions.get(cookies.get('portero')!)!
    const other = { ...mine, id: crypto.randomUUID() }
    house.sessions.set(other.id, other)
    expect((await visit('/_portero/account')).body).toContain(`value="${other.id}"`)
    const ended = await visit('/_portero/sessions/end', { form: { session_id: other.id } })
    expect((await visit(ended.headers.location as string)).body).toContain('esa sesión se cerró')
    expect(house.sessions.has(other.id)).toBe(false)
    const forgot = await visit('/_portero/device/forget', { body: '' })
    expect(cookies.has('portero_device')).toBe(false)
    expect(house.calls.some((call) => call.startsWith('forgetDevice'))).toBe(true)
    expect((await visit(forgot.headers.location as string)).body).not.toContain('/_portero/device/forget')
    house.sessions.set(other.id, other)
    await visit('/_portero/signout', { form: { all: '1' } })
    expect(house.sessions.size).toBe(0)
  })
})
