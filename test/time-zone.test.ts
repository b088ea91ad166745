import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openOtpHouse } from './support/otp-house.ts'
import { newCaller, newPhone } from './support/samples.ts'
import { openStores, type Stores } from './support/stores.ts'

const before = process.env.TZ
let stores: Stores
beforeAll(async () => {
  process.env.TZ = 'America/Sao_Paulo'
  stores = await openStores()
})
afterAll(async () => {
  await stores.close()
  if (before === undefined) delete process.env.TZ
  else process.env.TZ = before
})

describe('under TZ=America/Sao_Paulo', () => {
  test('the process really is there', () => expect(new Date().getTimezoneOffset()).toBe(180))

  test('the server is in UTC for whoever connects', async () => {
    const client = new pg.Client({ connectionString: stores.url })
    await client.connect()
    const { rows } = await client.query('show timezone')
    await client.end()
    expect(['UTC', 'Etc/UTC', 'GMT']).toContain(rows[0].TimeZone)
  })

  test('a code, a session, a refresh and the memory of the phone are of now', async () => {
    const house = openOtpHouse(stores)
    const [phone, caller] = [newPhone(), newCaller()]
    const { expiresInSeconds } = await house.ask(phone, { caller })
    expect(expiresInSeconds).toBe(300)
    const { session } = await house.type(phone, await house.codeFor(phone), { caller })
    expect(Math.abs(session.startedAt - Date.now())).toBeLessThan(60_000)
    expect(Math.abs(session.endsAt - Date.now() - 180 * 86_400_000)).toBeLessThan(60_000)
    const refreshed = await stores.sessionStore.refreshSession(session.id, 1, 30, 86_400)
    expect(refreshed).toMatchObject({ outcome: 'refreshed', session: { generation: 2 } })
    const [listed] = await stores.sessionStore.listSessions(session.person.id)
    expect(Math.abs(listed!.lastSeenAt.getTime() - Date.now())).toBeLessThan(60_000)
    const [person] = await stores.peopleStore.findByPhone(phone)
    expect(Math.abs(person!.phones[0]!.provedAt!.getTime() - Date.now())).toBeLessThan(60_000)
    const memory = await stores.database.rows<{ at: Date; written: string }>(
      'select ultimo_acceso as at, ultimo_acceso::text as written from public.telefono_usuario where telefono = $1',
      [phone],
    )
    expect(Math.abs(memory[0]!.at.getTime() - Date.now())).toBeLessThan(60_000)
    expect(memory[0]!.written).toMatch(/\+00$/)
  })
})
