import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAppHouse } from '../../../test/support/app-house.ts'
import { atOnce, newPhone } from '../../../test/support/samples.ts'
import { signedIn } from '../../../test/support/signed-in.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import type { Session } from '../sessions/session.ts'
import type { AppAccountChanges } from './app-account-store.ts'
import { enterApp, enterAppOnBehalf } from './enter-app.ts'
import { settleAccount } from './settle-account.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

const end = (session: Session) =>
  stores.sessionStore.endSession({ sessionId: session.id, personId: session.person.id }, 'signed_out')
const recordOf = async (session: Session) =>
  (
    await stores.query('select * from portero.app_accounts where person_id = $1', [session.person.id])
  )[0] as Record<string, unknown>

/** Somebody signed in, under this address where it is given. */
async function somebodyJoined(address: string | undefined, phone = newPhone()) {
  const { id } = await stores.peopleStore.addPerson(phone, {})
  if (address !== undefined) await stores.peopleStore.joinAddress(id, address)
  return { id, phone, session: await signedIn(stores, phone) }
}

describe('whoever signs in', () => {
  test('for the first time becomes an ordinary user under their pseudonym and a name that gives nothing away', async () => {
    const { app, needs } = openAppHouse(stores)
    const session = await signedIn(stores)
    const entered = await enterApp(needs, session)
    expect(app.signIns).toEqual([
      {
        ...{ email: session.person.email, name: `Persona ${session.person.id.slice(-4)}`, role: 'user' },
        groups: undefined,
      },
    ])
    expect(entered).toMatchObject({ role: 'user', accountId: app.of(session.person.email).id })
    expect(await recordOf(session)).toMatchObject({
      ...{ account_id: entered.accountId, has_sessions: true, role: 'user', lease_until: null },
      next_try_at: null,
    })
  })

  test('again leaves a role alone that the application gave', async () => {
    const { app, needs } = openAppHouse(stores)
    const session = await signedIn(stores)
    await enterApp(needs, session)
    app.of(session.person.email).role = 'admin'
    expect((await enterApp(needs, session)).role).toBe('admin')
    expect(app.signIns.at(-1)).toMatchObject({ role: undefined, groups: undefined })
  })

  test('with a role and groups that Portero holds has them, and loses them when Portero takes them away', async () => {
    const { app, needs, warnings } = openAppHouse(stores)
    const phone = newPhone()
    const { id } = await stores.peopleStore.addPerson(phone, {
      ...{ name: 'Ana Souza', role: 'admin', groups: ['staff', 'a,b'] },
    })
    const session = await signedIn(stores, phone)
    await enterApp(needs, session)
    expect(app.of(session.person.email)).toMatchObject({
      ...{ name: 'Ana Souza', role: 'admin', groups: ['staff'] },
    })
    expect(warnings.map(({ facts }) => facts)).toEqual([{ groups: ['a,b'] }])
    await stores.peopleStore.changePerson(id, { role: undefined, groups: [] })
    await enterApp(needs, await signedIn(stores, phone))
    expect(app.of(session.person.email)).toMatchObject({ role: 'user', groups: [] })
  })

  test('with a phone of an administrator is one; another role than the application knows counts as none', async () => {
    const phone = newPhone()
    const { app, needs } = openAppHouse(stores, { adminPhones: [phone] })
    await stores.peopleStore.addPerson(phone, { role: 'janitor' })
    const session = await signedIn(stores, phone)
    expect((await enterApp(needs, session)).role).toBe('admin')
    const other = newPhone()
    await stores.peopleStore.addPerson(other, { role: 'janitor' })
    expect((await enterApp(needs, await signedIn(stores, other))).role).toBe('user')
    expect(app.accounts.length).toBe(2)
  })

  test('with groups of which none exists is told of none, so that theirs are not cleared', async () => {
    const { app, needs, warnings } = openAppHouse(stores, { createGroups: false })
    const phone = newPhone()
    const { id } = await stores.peopleStore.addPerson(phone, { groups: ['staff', 'night'] })
    const session = await signedIn(stores, phone)
    await enterApp(needs, session)
    app.of(session.person.email).groups = ['made there']
    await enterApp(needs, session)
    expect(app.of(session.person.email).groups).toEqual(['made there'])
    expect(warnings.length).toBe(1)
    await stores.peopleStore.changePerson(id, { groups: [] })
    await enterApp(needs, await signedIn(stores, phone))
    expect(app.of(session.person.email).groups).toEqual(['made there'])
  })

  test('fifty at once for one person, on two replicas, all get in, and leave one account and one consistent record', async () => {
    const { app, needs, replica } = openAppHouse(stores)
    app.delayMs = 5
    const [a, b] = [needs, replica()]
    const phone = newPhone()
    const sessions = [await signedIn(stores, phone), await signedIn(stores, phone)]
    const entered = await atOnce(50, (i) => enterApp(i % 2 === 0 ? a : b, sessions[i % 2]!))
    expect(new Set(entered.map(({ accountId }) => accountId)).size).toBe(1)
    expect(app.accounts.length).toBe(1)
    expect(app.of(sessions[0]!.person.email).tokens.length).toBe(50)
    expect(await recordOf(sessions[0]!)).toMatchObject({
      ...{ account_id: entered[0]!.accountId, has_sessions: true, lease_until: null, next_try_at: null },
    })
  })

  test('fifty people at once get fifty accounts', async () => {
    const { app, needs } = openAppHouse(stores)
    const sessions = await atOnce(50, () => signedIn(stores))
    await atOnce(50, (i) => enterApp(needs, sessions[i]!))
    expect(app.accounts.map(({ role }) => role)).toEqual(Array(50).fill('user'))
  })

  test('whose session is over gets nothing', async () => {
    const { app, needs } = openAppHouse(stores)
    const session = await signedIn(stores)
    await end(session)
    await expect(enterApp(needs, session)).rejects.toMatchObject({ code: 'not_signed_in' })
    expect(app.accounts).toEqual([])
  })

  test('whose session ends while they sign in is out there too in the end', async () => {
    const { app, needs } = openAppHouse(stores)
    const session = await signedIn(stores)
    await enterApp(needs, session)
    app.delayMs = 50
    const entering = enterApp(needs, session)
    await expect.poll(() => app.calls.filter((call) => call === 'signIn').length, { interval: 5 }).toBe(2)
    await end(session)
    await Promise.all([entering, settleAccount(needs, session.person.id)])
    expect(app.of(session.person.email).tokens).toEqual([])
  })
})

describe('what is due', () => {
  test('an end of older sessions is told before the new sign-in, not after', async () => {
    const { app, needs } = openAppHouse(stores)
    const first = await signedIn(stores)
    await enterApp(needs, first)
    await end(first)
    const second = await signedIn(stores, first.phone)
    app.calls.length = 0
    await enterApp(needs, second)
    expect(app.calls).toEqual(['endSessions', 'readAccount', 'signIn'])
    expect(await settleAccount(needs, second.person.id)).toBe('settled')
    expect(app.of(first.person.email).tokens.length).toBe(1)
  })

  test('a second browser leaves the first one in', async () => {
    const { app, needs } = openAppHouse(stores)
    const first = await signedIn(stores)
    await enterApp(needs, first)
    await enterApp(needs, await signedIn(stores, first.phone))
    expect(app.of(first.person.email).tokens.length).toBe(2)
  })

  test('what the application refuses to hear keeps nobody out; when it is away nobody can come in', async () => {
    const { app, needs, warnings } = openAppHouse(stores)
    const first = await signedIn(stores)
    await enterApp(needs, first)
    await end(first)
    const second = await signedIn(stores, first.phone)
    app.refusal = () => 'upstream_unreachable'
    await expect(enterApp(needs, second)).rejects.toMatchObject({ code: 'upstream_unreachable' })
    app.refusal = (call) => (call === 'endSessions' ? 'app_answer_unknown' : undefined)
    for (let i = 0; i < 3; i += 1) await enterApp(needs, second)
    expect(warnings.map(({ facts }) => facts)).toEqual([{ reason: 'app_answer_unknown' }])
  })

  test('what was told and not recorded is told again', async () => {
    const { app, needs } = openAppHouse(stores)
    const session = await signedIn(stores)
    const dying = {
      ...needs,
      appAccountStore: {
        ...needs.appAccountStore,
        noteTold: async (id: string, changes: AppAccountChanges) => {
          if (changes.accountId !== undefined) throw new Error('died')
          await needs.appAccountStore.noteTold(id, changes)
        },
        release: async () => {},
      },
    }
    await expect(enterApp(dying, session)).rejects.toThrow('died')
    await stores.peopleStore.changePerson(session.person.id, { name: 'Ana Souza' })
    await stores.query(`update portero.app_accounts set lease_until = now() where person_id = $1`, [
      session.person.id,
    ])
    const again = await signedIn(stores, session.phone)
    await enterApp(needs, again)
    await settleAccount(needs, session.person.id)
    expect(app.accounts).toMatchObject([{ name: 'Ana Souza', role: 'user' }])
    expect(await recordOf(session)).toMatchObject({ name: 'Ana Souza', account_id: app.accounts[0]!.id })
  })
})

describe('accounts that are not the one on record', () => {
  test('one that was deleted there is made anew, as an ordinary user’s', async () => {
    const { app, needs } = openAppHouse(stores)
    const session = await signedIn(stores)
    await enterApp(needs, session)
    app.remove(session.person.email)
    const entered = await enterApp(needs, session)
    expect(entered).toMatchObject({ role: 'user', accountId: app.of(session.person.email).id })
    expect(await recordOf(session)).toMatchObject({ account_id: entered.accountId, has_sessions: true })
  })

  test.each([1, 2])(
    'in an application that lost all accounts nobody becomes its administrator, whose sign-in no. %i fails',
    async (failing) => {
      for (const joined of [undefined, 'eva@example.org']) {
        const { app, needs } = openAppHouse(stores)
        if (joined !== undefined) app.add(joined, { role: 'user' })
        const { session } = await somebodyJoined(joined)
        await enterApp(needs, session)
        app.accounts.length = 0
        let signIns = 0
        app.refusal = (call) => {
          if (call === 'signIn') signIns += 1
          return call === 'signIn' && signIns === failing ? 'upstream_unreachable' : undefined
        }
        for (let i = 0; i < 3; i += 1) await enterApp(needs, session).catch(() => {})
        expect(app.accounts).toMatchObject([{ email: session.person.email, role: 'user' }])
        if (joined !== undefined) await stores.peopleStore.joinAddress(session.person.id, undefined)
      }
    },
  )

  test('one that was made, but not given its role, gets it at the next try, joined or not', async () => {
    for (const joined of [undefined, 'eva@example.org']) {
      for (const others of [0, 1]) {
        const { app, needs } = openAppHouse(stores)
        if (others > 0) app.add('other@example.org')
        const { session } = await somebodyJoined(joined)
        app.unanswered = 2
        for (let i = 0; i < 2; i += 1) {
          await expect(enterApp(needs, session)).rejects.toMatchObject({ code: 'upstream_timeout' })
        }
        expect((await enterApp(needs, session)).role).toBe('user')
        if (joined !== undefined) await stores.peopleStore.joinAddress(session.person.id, undefined)
      }
    }
  })

  test('one of which nothing is on record any more is an ordinary user’s once, and may be promoted again', async () => {
    const { app, needs } = openAppHouse(stores)
    const session = await signedIn(stores)
    app.add(session.person.email, { role: 'admin' })
    expect((await enterApp(needs, session)).role).toBe('user')
    app.of(session.person.email).role = 'admin'
    expect((await enterApp(needs, session)).role).toBe('admin')
  })

  test('an application that does not say whether the account is there lets nobody in without a role', async () => {
    const { app, needs } = openAppHouse(stores)
    const session = await signedIn(stores)
    await enterApp(needs, session)
    app.refusal = (call) => (call === 'readAccount' ? 'app_answer_unknown' : undefined)
    await expect(enterApp(needs, session)).rejects.toMatchObject({ code: 'app_answer_unknown' })
    expect(app.signIns.length).toBe(1)
  })

  test('whoever is joined to an account has it as it is, administrators too, and keeps its name until theirs changes', async () => {
    const { app, needs } = openAppHouse(stores)
    app.add('boss@example.org', { role: 'admin', name: 'The Boss' })
    const phone = newPhone()
    const { id } = await stores.peopleStore.addPerson(phone, { name: 'Ana Souza' })
    const before = await signedIn(stores, phone)
    await enterApp(needs, before)
    expect(await stores.peopleStore.joinAddress(id, 'boss@example.org')).toEqual({
      ...{ outcome: 'joined', endedSessions: 1 },
    })
    await settleAccount(needs, id)
    expect(app.of(before.person.email).tokens).toEqual([])
    const session = await signedIn(stores, phone)
    expect(session.person.email).toBe('boss@example.org')
    expect(await enterApp(needs, session)).toMatchObject({ role: 'admin' })
    await settleAccount(needs, id)
    expect(app.of('boss@example.org').name).toBe('The Boss')
    await stores.peopleStore.changePerson(id, { name: 'Ana Paz' })
    await settleAccount(needs, id)
    expect(app.of('boss@example.org').name).toBe('Ana Paz')
  })

  test('an account that somebody is joined to no more is not suspended with them', async () => {
    const { app, needs } = openAppHouse(stores)
    app.add('eva@example.org', { role: 'user', name: 'Eva' })
    const phone = newPhone()
    const { id } = await stores.peopleStore.addPerson(phone, {})
    await stores.peopleStore.joinAddress(id, 'eva@example.org')
    await enterApp(needs, await signedIn(stores, phone))
    await stores.peopleStore.joinAddress(id, undefined)
    await stores.peopleStore.setState(id, 'blocked')
    await settleAccount(needs, id)
    expect(app.of('eva@example.org')).toMatchObject({ role: 'user', tokens: [] })
    expect(await settleAccount(needs, id)).toBe('absent')
  })

  test('the one that somebody leaves who is joined to another does nothing any more, and is an ordinary user’s when they return', async () => {
    const { app, needs } = openAppHouse(stores)
    app.add('ivo@example.org', { role: 'user', name: 'Ivo' })
    const { id, phone, session } = await somebodyJoined(undefined)
    await enterApp(needs, session)
    await stores.peopleStore.joinAddress(id, 'ivo@example.org')
    await enterApp(needs, await signedIn(stores, phone))
    expect(app.of(session.person.email)).toMatchObject({ role: 'pending', tokens: [] })
    expect(app.of('ivo@example.org').role).toBe('user')
    await stores.peopleStore.joinAddress(id, undefined)
    expect((await enterApp(needs, await signedIn(stores, phone))).role).toBe('user')
    expect(app.of('ivo@example.org')).toMatchObject({ role: 'user', tokens: [] })
  })

  test('the one that somebody leaves is not forgotten while the application does not hear of it', async () => {
    const { app, needs } = openAppHouse(stores)
    app.add('leo@example.org', { role: 'user', name: 'Leo' })
    const { id, phone, session } = await somebodyJoined(undefined)
    await enterApp(needs, session)
    await stores.peopleStore.joinAddress(id, 'leo@example.org')
    const again = await signedIn(stores, phone)
    app.refusal = (call) => (call.startsWith('changeAccount') ? 'app_answer_unknown' : undefined)
    await expect(enterApp(needs, again)).rejects.toMatchObject({ code: 'app_answer_unknown' })
    app.refusal = undefined
    await enterApp(needs, again)
    expect(app.of(session.person.email)).toMatchObject({ role: 'pending', tokens: [] })
  })
})

describe('Portero on somebody’s behalf', () => {
  const readRecord = async (id: string) =>
    (await stores.query('select * from portero.app_accounts where person_id = $1', [id]))[0]

  /** On record by the organisation, and never at the web door. */
  async function somebodyOnRecord() {
    const [made] = await stores.query<{ id: string }>(
      `insert into public.usuarios (nombre, apellido) values ('Ana', 'Souza') returning id`,
    )
    return made!.id
  }

  test('has the account that the person has through the web door, whichever came first', async () => {
    const { app, needs } = openAppHouse(stores)
    const first = await signedIn(stores)
    const { accountId } = await enterApp(needs, first)
    expect((await enterAppOnBehalf(needs, first.person.id)).accountId).toBe(accountId)

    const phone = newPhone()
    const { id } = await stores.peopleStore.addPerson(phone, { groups: ['staff'] })
    const entered = await enterAppOnBehalf(needs, id)
    const session = await signedIn(stores, phone)
    expect(session.person.id).toBe(id)
    expect((await enterApp(needs, session)).accountId).toBe(entered.accountId)
    expect(app.of(session.person.email)).toMatchObject({ role: 'user', groups: ['staff'] })
    expect(app.accounts).toHaveLength(2)
  })

  test('makes the account of somebody who never came in, as theirs, and leaves no session to be told of', async () => {
    const { app, needs } = openAppHouse(stores)
    const id = await somebodyOnRecord()
    await atOnce(50, () => enterAppOnBehalf(needs, id))
    expect(app.accounts.map(({ name, role }) => [name, role])).toEqual([['Ana Souza', 'user']])
    expect(await readRecord(id)).toMatchObject({
      ...{ account_id: app.accounts[0]!.id, has_sessions: false, is_suspended: false, next_try_at: null },
    })
    expect(await settleAccount(needs, id)).toBe('settled')
    expect(app.accounts[0]!.tokens).toHaveLength(50)
  })

  test('is joined to the account that the person was given', async () => {
    const { app, needs } = openAppHouse(stores)
    app.add('admin@example.org', { role: 'admin' })
    const { id } = await somebodyJoined('admin@example.org')
    expect(await enterAppOnBehalf(needs, id)).toMatchObject({
      ...{ accountId: app.of('admin@example.org').id, role: 'admin' },
    })
  })

  test('ends with a block, and is refused until it is lifted; of nobody too', async () => {
    const { app, needs } = openAppHouse(stores)
    const id = await somebodyOnRecord()
    await enterAppOnBehalf(needs, id)
    await stores.peopleStore.setState(id, 'blocked')
    await expect(enterAppOnBehalf(needs, id)).rejects.toMatchObject({ code: 'not_signed_in' })
    await settleAccount(needs, id)
    expect(app.accounts[0]).toMatchObject({ role: 'pending', tokens: [] })
    await stores.peopleStore.setState(id, 'active')
    expect(await enterAppOnBehalf(needs, id)).toMatchObject({ role: 'user' })

    await stores.query('delete from public.usuarios where id = $1', [id])
    await expect(enterAppOnBehalf(needs, id)).rejects.toMatchObject({ code: 'not_signed_in' })
    await settleAccount(needs, id)
    expect(app.accounts[0]).toMatchObject({ role: 'pending', tokens: [] })
    expect(await readRecord(id)).toBeUndefined()
  })
})
