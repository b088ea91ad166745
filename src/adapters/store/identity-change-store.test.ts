import { afterAll, beforeAll, expect, test } from 'vitest'
import { usualLimits } from '../../../test/support/memory-house.ts'
import { atOnce, newPhone } from '../../../test/support/samples.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import type { IdentityChange } from '../../domain/chat/identity-change.ts'
import { heedIdentityChanges, type IdentityChanges } from '../../domain/chat/identity-changes.ts'
import { identityChangeStore } from './identity-change-store.ts'

let stores: Stores
let identityChanges: IdentityChanges
beforeAll(async () => {
  stores = await openStores()
  identityChanges = identityChangeStore(stores.database)
  await stores.query(`insert into public.usuarios (nombre, dni) values ('Juan', '12345678')`)
})
afterAll(() => stores.close(), 60_000)

let made = 0
function change(over: Partial<IdentityChange> = {}): IdentityChange {
  const nobody = { phone: undefined, userId: undefined }
  return {
    ...{ channel: 'whatsapp', id: `change ${++made}`, kind: 'number', at: new Date() },
    ...{ before: nobody, after: { ...nobody, identityHash: undefined } },
    ...over,
  }
}
const declare = (phone = newPhone()) =>
  stores.recognitionStore
    .declare(phone, '12345678', usualLimits, { origin: 'chat', isProof: true })
    .then(() => phone)
const known = async (phone: ReturnType<typeof newPhone>) =>
  (await stores.recognitionStore.recognise(phone)).person !== undefined

test('a phone whose account changed is asked anew, once for each notice, and nobody moves to the new one', async () => {
  const phone = await declare()
  const next = newPhone()
  const moved = change({
    before: { phone, userId: undefined },
    after: { phone: next, userId: undefined, identityHash: undefined },
  })
  const heeded = await atOnce(20, () => identityChanges.heed(moved))
  expect(heeded.filter((count) => count !== undefined)).toEqual([1])
  expect([await known(phone), await known(next)]).toEqual([false, false])
  await declare(phone)
  expect(await identityChanges.heed(moved)).toBeUndefined()
  expect(await known(phone)).toBe(true)
})

test('whoever has the new number already is not forgotten for it', async () => {
  const next = await declare()
  await identityChanges.heed(change({ after: { phone: next, userId: undefined, identityHash: undefined } }))
  expect(await known(next)).toBe(true)
})

test('an account registered anew is asked, also where its number is hidden; a moved one has no number any more', async () => {
  const phone = await declare()
  await stores.query(`insert into portero.hidden_numbers values ('whatsapp', 'AR.1', $1, now())`, [phone])
  const hidden = () => stores.query(`select from portero.hidden_numbers where user_id = 'AR.1'`)
  const before = { phone: undefined, userId: 'AR.1' }
  expect(await identityChanges.heed(change({ kind: 'registration', before }))).toBe(1)
  expect(await known(phone)).toBe(false)
  expect(await hidden()).toHaveLength(1)
  await declare(phone)
  expect(await identityChanges.heed(change({ kind: 'user_id', before }))).toBe(1)
  expect(await hidden()).toEqual([])
})

test('the log says so once, without the number', async () => {
  const phone = await declare()
  const lines: string[] = []
  const line = (facts: object, text: string) => void lines.push(`${JSON.stringify(facts)} ${text}`)
  const notice = change({ before: { phone, userId: undefined } })
  const log = { info: line, warn: line, error: line }
  await heedIdentityChanges({ identityChanges, log }, [notice, notice])
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('"forgotten":1')
  expect(lines[0]).not.toContain(phone.slice(4))
})
