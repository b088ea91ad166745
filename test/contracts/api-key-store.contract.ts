import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { atOnce } from '../support/samples.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of API keys promises (domain/access/api-key-store.ts). */
export function apiKeyStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of API key stores`, () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await open()
    })
    afterAll(() => stores.close(), 60_000)

    const add = async (keyName = 'bot') => {
      const secretHash = randomBytes(32)
      const key = await stores.apiKeyStore.addKey({ name: keyName, scopes: ['otp'], secretHash })
      return { key, secretHash }
    }

    test('finds a key by its secret, and nothing by another', async () => {
      const { key, secretHash } = await add('el bot')
      expect(key).toEqual({
        ...{ id: expect.any(String), name: 'el bot', scopes: ['otp'], createdAt: expect.any(Date) },
        ...{ lastUsedAt: undefined, isRevoked: false },
      })
      expect(await stores.apiKeyStore.findKey(secretHash)).toMatchObject({ id: key.id, scopes: ['otp'] })
      expect(await stores.apiKeyStore.findKey(randomBytes(32))).toBeUndefined()
    })

    test('of fifty who revoke a key, one did; then it is found no more, and still listed', async () => {
      const { key, secretHash } = await add()
      const revoked = await atOnce(50, () => stores.apiKeyStore.revokeKey(key.id))
      expect(revoked.filter((did) => did).length).toBe(1)
      expect(await stores.apiKeyStore.findKey(secretHash)).toBeUndefined()
      const listed = await stores.apiKeyStore.listKeys()
      expect(listed.find(({ id }) => id === key.id)).toMatchObject({ isRevoked: true })
    })

    test('notes the use of a key, at most once a minute', async () => {
      const { key, secretHash } = await add()
      const lastUsed = async () =>
        (
          await stores.query<{ at: Date | null }>(
            'select last_used_at as at from portero.api_keys where id = $1',
            [key.id],
          )
        )[0]!.at
      await atOnce(50, () => stores.apiKeyStore.findKey(secretHash))
      const first = await lastUsed()
      expect(first).toBeInstanceOf(Date)
      await stores.apiKeyStore.findKey(secretHash)
      expect(await lastUsed()).toEqual(first)
      await stores.query(
        `update portero.api_keys set last_used_at = last_used_at - interval '61 seconds' where id = $1`,
        [key.id],
      )
      await stores.apiKeyStore.findKey(secretHash)
      expect((await lastUsed())!.getTime()).toBeGreaterThanOrEqual(first!.getTime())
    })
  })
}
