import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signedIn } from '../../../test/support/signed-in.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import { keepClaim } from './keep-claim.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

test('a claim lasts as long as it is kept, and is anybody’s one lease after its process died', async () => {
  const { id, email } = (await signedIn(stores)).person
  const mine = { token: randomUUID(), seconds: 1 }
  await stores.appAccountStore.claimForEntry(id, { email, name: 'n' }, mine, false)
  const stop = keepClaim(stores, id, mine)
  await sleep(1500)
  expect(await stores.appAccountStore.claimAccount(id, { token: randomUUID(), seconds: 1 })).toBe('held')
  stop()
  await sleep(1100)
  expect(await stores.appAccountStore.listDue(1000)).toContain(id)
  expect(await stores.appAccountStore.claimAccount(id, mine)).toMatchObject({ record: { personId: id } })
})
