import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAppHouse } from '../../../test/support/app-house.ts'
import { atOnce, newPhone } from '../../../test/support/samples.ts'
import { signedIn } from '../../../test/support/signed-in.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import type { Session } from '../sessions/session.ts'
import { enterApp } from './enter-app.ts'
import { settleAccount } from './settle-account.ts'
import type { AppSettings } from './upstream-needs.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

/** Somebody who is in the application. */
async function somebodyIn(over: Partial<AppSettings> = {}, phone = newPhone()) {
  const house = openAppHouse(stores, over)
  const session = await signedIn(stores, phone)
  await enterApp(house.needs, session)
  house.app.calls.length = 0
  const { id, email } = session.person
  const settle = () => settleAccount(house.needs, id)
  return { ...house, session, id, settle, account: () => house.app.of(email) }
}
const end = (session: Session) =>
  stores.sessionStore.endSession({ sessionId: session.id, personId: session.person.id }, 'signed_out')

describe('whoever may not come in', () => {
  test.each(['waiting', 'blocked', 'rejected'] as const)(
    '%s: is out there too, may do nothing, and gets the old role back when they may come in again',
    async (state) => {
      const { app, id, settle, account } = await somebodyIn()
      account().role = 'admin'
      await stores.peopleStore.setState(id, state)
      expect(await settle()).toBe('settled')
      expect(account()).toMatchObject({ role: 'pending', tokens: [] })
      app.calls.length = 0
      await settle()
      expect(app.calls).toEqual([])
      await stores.peopleStore.setState(id, 'active')
      await settle()
      expect(account().role).toBe('admin')
    },
  )

  test('a person who was deleted is suspended there, and then nothing is left on record', async () => {
    const { id, settle, account } = await somebodyIn()
    await stores.query('delete from public.usuarios where id = $1', [id])
    await settle()
    expect(account()).toMatchObject({ role: 'pending', tokens: [] })
    expect(await settle()).toBe('absent')
  })

  test('the first account, which nobody may change there, is demoted by a sign-in, and raised again by one', async () => {
    const { app, id, settle, account } = await somebodyIn()
    account().role = 'admin'
    app.protected.add(account().email)
    await stores.peopleStore.setState(id, 'blocked')
    await settle()
    expect(account().role).toBe('pending')
    await stores.peopleStore.setState(id, 'active')
    await settle()
    expect(account().role).toBe('admin')
  })

  test('the role is remembered once: a crash after it was changed does not make it pending for good', async () => {
    const { needs, id, settle, account } = await somebodyIn()
    await stores.peopleStore.setState(id, 'blocked')
    const dying = {
      ...needs,
      appAccounts: {
        ...needs.appAccounts,
        endSessions: async () => {
          throw new Error('died')
        },
      },
    }
    expect(await settleAccount(dying, id)).toBe('failed')
    expect(account().role).toBe('pending')
    await settle()
    await stores.peopleStore.setState(id, 'active')
    await settle()
    expect(account().role).toBe('user')
  })

  test('a role that somebody gave them there meanwhile stays', async () => {
    const { id, settle, account } = await somebodyIn()
    await stores.peopleStore.setState(id, 'blocked')
    await settle()
    account().role = 'admin'
    await stores.peopleStore.setState(id, 'active')
    await settle()
    expect(account().role).toBe('admin')
  })
})

describe('whoever was joined to another account', () => {
  test('and is blocked then has no use of the one left behind, whose keys only its role stops', async () => {
    const { app, id, settle, account } = await somebodyIn()
    app.add('mia@example.org', { role: 'user' })
    await stores.peopleStore.joinAddress(id, 'mia@example.org')
    await stores.peopleStore.setState(id, 'blocked')
    await settle()
    expect(account()).toMatchObject({ role: 'pending', tokens: [] })
    expect(app.of('mia@example.org').role).toBe('user')
    expect(await settle()).toBe('absent')
  })
})

describe('sessions', () => {
  test('end there with the last one here, once, also when it only ran out', async () => {
    const { app, needs, session, settle, account } = await somebodyIn()
    const second = await signedIn(stores, session.phone)
    await enterApp(needs, second)
    await end(session)
    await settle()
    expect(account().tokens.length).toBe(2)
    await stores.query('update portero.sessions set idle_ends_at = now() where id = $1', [second.id])
    app.calls.length = 0
    await atOnce(5, settle)
    expect(app.calls).toEqual(['endSessions'])
    expect(account().tokens).toEqual([])
  })

  test('end there with every one here where that is asked for', async () => {
    const { app, needs, session, settle, account } = await somebodyIn({ revokeAt: 'every_session' })
    await enterApp(needs, await signedIn(stores, session.phone))
    await end(session)
    app.calls.length = 0
    await settle()
    await settle()
    expect(app.calls).toEqual(['endSessions'])
    expect(account().tokens).toEqual([])
  })

  test('that never were in the application end without a word to it', async () => {
    const { app, session, settle, account } = await somebodyIn()
    await end(await signedIn(stores, session.phone))
    await settle()
    expect([app.calls, account().tokens.length]).toEqual([[], 1])
  })
})

describe('what changes here', () => {
  test('a new name arrives; one that was changed there stands until then', async () => {
    const { app, id, settle, account } = await somebodyIn()
    await stores.peopleStore.changePerson(id, { name: 'Ana' })
    await settle()
    expect(account().name).toBe('Ana')
    account().name = 'Anita'
    app.calls.length = 0
    await settle()
    expect([account().name, app.calls]).toEqual(['Anita', []])
    await stores.peopleStore.changePerson(id, { name: 'Ana Souza' })
    await settle()
    expect(account().name).toBe('Ana Souza')
  })

  test('role and groups arrive without a sign-in of the person, and are taken away again', async () => {
    const { app, id, settle, account } = await somebodyIn()
    await stores.peopleStore.changePerson(id, { role: 'admin', groups: ['staff'] })
    await settle()
    expect(account()).toMatchObject({ role: 'admin', groups: ['staff'] })
    await stores.peopleStore.changePerson(id, { role: undefined, groups: [] })
    await settle()
    expect(account()).toMatchObject({ role: 'user', groups: [] })
    app.calls.length = 0
    await settle()
    expect(app.calls).toEqual([])
  })

  test('a phone of an administrator that is one no more takes the role along; one given there stays', async () => {
    const phone = newPhone()
    const { needs, id, settle, account } = await somebodyIn({ adminPhones: [phone] }, phone)
    const later = { ...needs, settings: { ...needs.settings, adminPhones: [] } }
    expect(account().role).toBe('admin')
    await settle()
    expect(account().role).toBe('admin')
    await settleAccount(later, id)
    expect(account().role).toBe('user')
    account().role = 'admin'
    await settleAccount(later, id)
    await enterApp(later, await signedIn(stores, phone))
    expect(account().role).toBe('admin')
    await settle()
    await enterApp(later, await signedIn(stores, phone))
    expect(account().role).toBe('user')
  })

  test('a role given there is none of Portero’s, also when it was given back after a block together with new groups', async () => {
    const { app, id, settle, account } = await somebodyIn()
    account().role = 'admin'
    await stores.peopleStore.setState(id, 'blocked')
    await settle()
    await stores.peopleStore.setState(id, 'active')
    await stores.peopleStore.changePerson(id, { groups: ['staff'] })
    await settle()
    app.calls.length = 0
    await settle()
    expect([account().role, account().groups, app.calls]).toEqual(['admin', ['staff'], []])
  })

  test('a role of Portero’s that ended during a block does not come back', async () => {
    const { app, id, settle, account } = await somebodyIn()
    await stores.peopleStore.changePerson(id, { role: 'admin' })
    await settle()
    await stores.peopleStore.setState(id, 'blocked')
    await settle()
    await stores.peopleStore.changePerson(id, { role: undefined })
    await stores.peopleStore.setState(id, 'active')
    app.calls.length = 0
    await settle()
    expect(account().role).toBe('user')
    expect(app.calls).not.toContain('changeAccount admin')
  })

  test('an account that was deleted there is not made anew, but forgotten', async () => {
    for (const changes of [{ name: 'Ana' }, { role: 'admin' }]) {
      const { app, id, settle, account } = await somebodyIn()
      app.remove(account().email)
      await stores.peopleStore.changePerson(id, changes)
      await settle()
      expect(app.accounts).toEqual([])
      expect(await settle()).toBe('absent')
    }
  })
})

describe('an application that does not answer', () => {
  test('is told later, and nothing is lost; each kind of failure is said once an hour', async () => {
    const { app, clock, warnings, id, settle, account } = await somebodyIn()
    await stores.peopleStore.setState(id, 'blocked')
    app.refusal = () => 'app_headers_off'
    expect([await settle(), await settle()]).toEqual(['failed', 'failed'])
    app.refusal = () => 'upstream_timeout'
    expect(await settle()).toBe('failed')
    expect(warnings.map(({ facts }) => facts)).toEqual([
      ...[{ reason: 'app_headers_off' }, { reason: 'upstream_timeout' }],
    ])
    clock.ms += 3_600_000
    await settle()
    expect(warnings.length).toBe(3)
    expect(await stores.query('select tries from portero.app_accounts where person_id = $1', [id])).toEqual([
      { tries: 4 },
    ])
    app.refusal = undefined
    await settle()
    expect(account()).toMatchObject({ role: 'pending', tokens: [] })
  })

  test('fifty settle one account at once on two replicas, and it is told once', async () => {
    const { app, needs, replica, id, account } = await somebodyIn()
    app.delayMs = 5
    await stores.peopleStore.setState(id, 'blocked')
    const two = [needs, replica()]
    await atOnce(50, (i) => settleAccount(two[i % 2]!, id))
    expect(app.calls).toEqual(['readAccount', 'changeAccount pending', 'endSessions'])
    expect(account().role).toBe('pending')
  })

  test('somebody of whom the application knows nothing is nobody to settle', async () => {
    const { needs } = openAppHouse(stores)
    const phone = newPhone()
    const { id } = await stores.peopleStore.addPerson(phone, {})
    expect(await settleAccount(needs, id)).toBe('absent')
  })
})
