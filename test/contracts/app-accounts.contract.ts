import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AppIdentity } from '../../src/domain/upstream/app-accounts.ts'
import { type AppAccountsHouse, newEmail } from '../support/open-webui-accounts.ts'
import { atOnce } from '../support/samples.ts'

/** Somebody who was never there. */
function newIdentity(over: Partial<AppIdentity> = {}): AppIdentity {
  return { email: newEmail(), name: 'Ana', role: undefined, groups: undefined, ...over }
}

const newGroup = () => `Grupo Ação ${randomBytes(6).toString('hex')}`
const unknownId = '00000000-0000-4000-8000-000000000000'

/** What the accounts of every application promise (domain/upstream/app-accounts.ts). */
export function appAccountsContract(name: string, open: () => Promise<AppAccountsHouse>): void {
  describe(`${name} keeps the contract of an application's accounts`, { timeout: 60_000 }, () => {
    let house: AppAccountsHouse
    beforeAll(async () => {
      house = await open()
    })
    afterAll(() => house.close())

    test('the first sign-in makes the account, with the name as it is written', async () => {
      const person = newIdentity({ name: 'José Çelik 漢 🙂 50%', role: 'user' })
      const session = await house.accounts.signIn(person)
      expect(session.role).toBe('user')
      expect(await house.accounts.readAccount(session.accountId)).toEqual({ name: person.name, role: 'user' })
      expect(await house.accounts.findAccount(person.email)).toBe(session.accountId)
      expect(await house.isAlive(session)).toBe(true)
    })

    test('a session holds what a browser needs, and the answer as the application gave it', async () => {
      const session = await house.accounts.signIn(newIdentity())
      const { token } = session.storage
      expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
      expect(session.cookies).toEqual([expect.stringMatching(/^token=/)])
      expect(session.cookies[0]).toContain(`token=${token};`)
      expect(JSON.parse(session.answer)).toMatchObject({ token, id: session.accountId, role: session.role })
      expect(session.token).toBe(token)
      const hour = 3_600_000
      expect((session.endsAt! - Date.now()) / hour).toBeCloseTo(12, 0)
    })

    test('fifty first sign-ins at once make one account, and fifty sessions', async () => {
      const person = newIdentity()
      const sessions = await atOnce(50, (i) => (i % 2 ? house.accounts : house.others).signIn(person))
      expect(new Set(sessions.map(({ accountId }) => accountId)).size).toBe(1)
      expect(await house.countAccounts(person.email)).toBe(1)
      expect(new Set(sessions.map(({ storage }) => storage.token)).size).toBe(50)
    })

    test('a later sign-in keeps the account, its name, and without a role its role', async () => {
      const person = newIdentity({ role: 'user' })
      const { accountId } = await house.accounts.signIn(person)
      await house.accounts.changeAccount(accountId, { role: 'admin' })
      const again = await house.accounts.signIn({ ...person, name: 'Other', role: undefined })
      expect(again).toMatchObject({ accountId, role: 'admin' })
      expect(await house.accounts.readAccount(accountId)).toEqual({ name: 'Ana', role: 'admin' })
      expect((await house.accounts.signIn({ ...person, role: 'user' })).role).toBe('user')
    })

    test('somebody who waits for approval there gets a session all the same', async () => {
      const session = await house.accounts.signIn(newIdentity({ role: 'pending' }))
      expect(session.role).toBe('pending')
      expect(await house.isAlive(session)).toBe(true)
    })

    test.each(['', 'nobody', 'a b@contract.invalid', 'ñ@contract.invalid', 'a@b@contract.invalid'])(
      'the address %j is never sent, so no account is made of it',
      async (email) => {
        await expect(house.accounts.signIn(newIdentity({ email }))).rejects.toThrow('plain address')
        expect(await house.accounts.findAccount(email)).toBeUndefined()
      },
    )

    test('an account is found by its whole address alone', async () => {
      const { email } = newIdentity()
      await house.accounts.signIn(newIdentity({ email: `x${email}`, name: email }))
      expect(await house.accounts.findAccount(email)).toBeUndefined()
      expect(await house.accounts.findAccount(email.replace('u-', 'u_'))).toBeUndefined()
      const { accountId } = await house.accounts.signIn(newIdentity({ email }))
      expect(await house.accounts.findAccount(email)).toBe(accountId)
    })

    test('an account is found behind more namesakes than one answer lists', async () => {
      const shared = randomBytes(6).toString('hex')
      const people = Array.from({ length: 33 }, (_, i) =>
        newIdentity({ email: `m${10 + i}${newEmail()}`, name: `Ana ${shared}` }),
      )
      const ids = await Promise.all(
        people.map(async (person) => (await house.accounts.signIn(person)).accountId),
      )
      expect(await house.accounts.findAccount(people.at(-1)!.email)).toBe(ids.at(-1))
      const last = newIdentity({ email: `z${newEmail()}` })
      expect(await house.accounts.findAccount(last.email)).toBeUndefined()
    })

    test('the end of sessions ends all of the account and nobody else, and may be repeated', async () => {
      const person = newIdentity()
      const [one, two] = [await house.accounts.signIn(person), await house.others.signIn(person)]
      const other = await house.accounts.signIn(newIdentity())
      expect(await house.accounts.endSessions(one.accountId)).toBe('done')
      expect(await house.accounts.endSessions(one.accountId)).toBe('done')
      expect([await house.isAlive(one), await house.isAlive(two), await house.isAlive(other)]).toEqual([
        ...[false, false, true],
      ])
      expect(await house.isAlive(await house.accounts.signIn(person))).toBe(true)
    })

    test('sign-ins that meet an end of sessions succeed', async () => {
      const person = newIdentity()
      const { accountId } = await house.accounts.signIn(person)
      const results = await atOnce(30, async (i) =>
        i % 3 === 0
          ? house.others.endSessions(accountId)
          : (await house.accounts.signIn(person)).accountId === accountId,
      )
      expect(new Set(results)).toEqual(new Set(['done', true]))
    })

    test('a change changes what is given and nothing else', async () => {
      const { accountId } = await house.accounts.signIn(newIdentity({ role: 'user' }))
      expect(await house.accounts.changeAccount(accountId, { name: 'Bruna Çağ 🙂' })).toBe('done')
      expect(await house.accounts.readAccount(accountId)).toEqual({ name: 'Bruna Çağ 🙂', role: 'user' })
      expect(await house.accounts.changeAccount(accountId, { role: 'pending' })).toBe('done')
      expect(await house.accounts.changeAccount(accountId, {})).toBe('done')
      expect(await house.accounts.readAccount(accountId)).toEqual({ name: 'Bruna Çağ 🙂', role: 'pending' })
    })

    test('an account that is gone is said to be gone, and the address makes a new one', async () => {
      const person = newIdentity()
      const { accountId } = await house.accounts.signIn(person)
      await house.remove(accountId)
      for (const id of [accountId, unknownId]) {
        expect(await house.accounts.endSessions(id)).toBe('gone')
        expect(await house.accounts.changeAccount(id, { name: 'X' })).toBe('gone')
        expect(await house.accounts.readAccount(id)).toBeUndefined()
      }
      expect(await house.accounts.findAccount(person.email)).toBeUndefined()
      expect((await house.accounts.signIn(person)).accountId).not.toBe(accountId)
    })

    test('what the application lets nobody do is protected', async () => {
      const before = await house.accounts.readAccount(house.protectedId)
      expect(await house.accounts.endSessions(house.protectedId)).toBe('protected')
      expect(await house.accounts.changeAccount(house.protectedId, { name: 'X', role: 'user' })).toBe(
        'protected',
      )
      expect(await house.accounts.readAccount(house.protectedId)).toEqual(before)
    })

    test('groups exist when somebody made them, case counts, and repeats do not', async () => {
      const group = newGroup()
      expect(await house.accounts.existingGroups([], true)).toEqual([])
      expect(await house.accounts.existingGroups([group], false)).toEqual([])
      expect(await house.accounts.existingGroups([group, group], true)).toEqual([group])
      expect(await house.others.existingGroups([group.toUpperCase(), group], false)).toEqual([group])
      expect(await house.countGroups(group)).toBe(1)
    })

    test('many who make the same group at once find it, and there is one', async () => {
      const group = newGroup()
      const found = await atOnce(20, (i) =>
        (i % 2 ? house.accounts : house.others).existingGroups([group], true),
      )
      expect(found).toEqual(found.map(() => [group]))
      expect(await house.countGroups(group)).toBe(1)
    })

    test('a group whose name cannot be told does not exist, and is not made', async () => {
      const group = newGroup()
      const names = [`${group},b`, ` ${group}`, `${group} 漢`, '', `${group}\n`]
      expect(await house.accounts.existingGroups([...names, group], true)).toEqual([group])
    })

    test('a sign-in puts somebody into exactly their groups, into none, or leaves them', async () => {
      const [one, two] = [newGroup(), newGroup()]
      await house.accounts.existingGroups([one, two], true)
      const person = newIdentity({ groups: [one, two] })
      const { accountId } = await house.accounts.signIn(person)
      expect((await house.groupsOf(accountId)).sort()).toEqual([one, two].sort())
      await house.accounts.signIn({ ...person, groups: [two] })
      expect(await house.groupsOf(accountId)).toEqual([two])
      await house.accounts.signIn({ ...person, groups: undefined })
      expect(await house.groupsOf(accountId)).toEqual([two])
      await house.accounts.signIn({ ...person, groups: [] })
      expect(await house.groupsOf(accountId)).toEqual([])
    })
  })
}
