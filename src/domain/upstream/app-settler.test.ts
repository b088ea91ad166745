import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openAppHouse } from '../../../test/support/app-house.ts'
import { atOnce } from '../../../test/support/samples.ts'
import { signedIn } from '../../../test/support/signed-in.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import { silentLog } from '../log.ts'
import { hearRevocations } from '../sessions/hear-revocations.ts'
import { openSessionDirectory } from '../sessions/session-directory.ts'
import { openAppSettler } from './app-settler.ts'
import { enterApp } from './enter-app.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

/** A replica with its feed of revocations and its settler. */
async function openReplica(house = openAppHouse(stores)) {
  const needs = house.replica()
  const { sessionStore } = stores
  const sessionDirectory = openSessionDirectory({ sessionStore, now: Date.now, deafAfterMs: 3000 })
  const stopHearing = await hearRevocations({ sessionStore, sessionDirectory, log: silentLog })
  const settler = openAppSettler({ ...needs, sessionDirectory, log: house.log, now: () => house.clock.ms })
  onTestFinished(async () => {
    stopHearing()
    await settler.close()
  })
  return { ...house, needs, settler, sessionDirectory }
}
type House = Awaited<ReturnType<typeof openReplica>>

async function somebodyIn({ needs, app }: Pick<House, 'needs' | 'app'>) {
  const session = await signedIn(stores)
  await enterApp(needs, session)
  return { session, id: session.person.id, account: () => app.of(session.person.email) }
}
const soon = (what: () => unknown) => expect.poll(what, { interval: 10 })

describe('the settler', () => {
  test('tells soon, unasked, that a person was blocked or deleted, by whatever way', async () => {
    const house = await openReplica()
    await house.settler.settleDue()
    for (const sql of [
      `update portero.people set state = 'blocked' where id = $1`,
      'delete from public.usuarios where id = $1',
    ]) {
      const { id, account } = await somebodyIn(house)
      await stores.query(sql, [id])
      await soon(() => account().tokens.length).toBe(0)
      expect(account().role).toBe('pending')
    }
  })

  test('on two replicas at once tells it once', async () => {
    const house = openAppHouse(stores)
    const replicas = [await openReplica(house), await openReplica(house)]
    for (const { settler } of replicas) await settler.settleDue()
    const { id, account } = await somebodyIn(house)
    house.app.calls.length = 0
    house.app.delayMs = 20
    await stores.peopleStore.setState(id, 'blocked')
    await soon(() => account().tokens.length).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(house.app.calls).toEqual(['readAccount', 'changeAccount pending', 'endSessions'])
  })

  test('carries a new name over at the next look, of which no session hears', async () => {
    const house = await openReplica()
    await house.settler.settleDue()
    const { id, account } = await somebodyIn(house)
    await stores.peopleStore.changePerson(id, { name: 'Ana Souza' })
    await house.settler.settleDue()
    await soon(() => account().name).toBe('Ana Souza')
  })

  test('finds at its first look what happened while nobody listened', async () => {
    const house = openAppHouse(stores)
    const { id, account } = await somebodyIn(house)
    const { session, account: other } = await somebodyIn(house)
    await stores.peopleStore.setState(id, 'blocked')
    await stores.query('delete from portero.sessions where id = $1', [session.id])
    const { settler } = await openReplica(house)
    await settler.settleDue()
    await soon(() => [account().role, other().tokens.length]).toEqual(['pending', 0])
  })

  test('tries again by itself what an application that was away was not told', async () => {
    const house = await openReplica()
    await house.settler.settleDue()
    const { session, id, account } = await somebodyIn(house)
    house.app.refusal = () => 'upstream_unreachable'
    await stores.sessionStore.endSessions(id, 'signed_out')
    house.sessionDirectory.revoke({ sessionId: session.id })
    const triesOf = async () =>
      (await stores.query('select tries from portero.app_accounts where person_id = $1', [id]))[0]
    await soon(triesOf).toEqual({ tries: 1 })
    house.app.refusal = undefined
    await stores.query('update portero.app_accounts set next_try_at = now() where person_id = $1', [id])
    await house.settler.settleDue()
    await soon(() => account().tokens.length).toBe(0)
  })

  test('has few under way at once, and the blocked go first', async () => {
    const house = await openReplica()
    await house.settler.settleDue()
    const people = await atOnce(30, () => somebodyIn(house))
    const last = people.at(-1)!
    house.app.delayMs = 30
    for (const { id } of people.slice(0, -1)) await stores.sessionStore.endSessions(id, 'signed_out')
    await house.settler.settleDue()
    await stores.peopleStore.setState(last.id, 'blocked')
    house.settler.settleSoon(last.id)
    await soon(() => last.account().tokens.length).toBe(0)
    expect(people.filter(({ account }) => account().tokens.length > 0).length).toBeGreaterThan(4)
    await soon(() => people.filter(({ account }) => account().tokens.length > 0).length).toBe(0)
  })
})
