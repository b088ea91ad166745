import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openOtpHouse, otherThan, refusalOf } from '../../../test/support/otp-house.ts'
import { atOnce, newCaller, newPhone } from '../../../test/support/samples.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import { sweeper } from './sweeper.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

const tables = {
  challenges: ['created_at', '48 hours'],
  sends: ['at', '48 hours'],
  guesses: ['at', '48 hours'],
  phone_guards: ['locked_at', '48 hours'],
  deliveries: ['asked_at', '90 days'],
  sessions: ['ended_at', '30 days'],
  devices: ['expires_at', '0 seconds'],
  revocations: ['at', '1 day'],
  access_log: ['at', '190 days'],
} as const

async function counts(): Promise<Record<string, number>> {
  const [row] = await stores.query(
    `select ${Object.keys(tables).map((table) => `(select count(*)::int from portero.${table}) as ${table}`)}`,
  )
  return row as Record<string, number>
}

/** Somebody who signed in, guessed wrong, and out: a row of everything. */
async function visit(): Promise<void> {
  const house = openOtpHouse(stores)
  const [phone, caller] = [newPhone(), newCaller({ door: 'pages' })]
  await house.ask(phone, { caller })
  const code = await house.codeFor(phone)
  await refusalOf(house.type(phone, otherThan(code), { caller }))
  const { session } = await house.type(phone, code, { caller })
  await stores.sessionStore.endSession({ sessionId: session.id, personId: session.person.id }, 'signed_out')
}

describe('the sweep', () => {
  test('removes what has outlived its keeping, and nothing that is younger by a minute', async () => {
    await visit()
    const young = await counts()
    expect(Object.values(young).every((n) => n > 0)).toBe(true)
    for (const [table, [column, keep]] of Object.entries(tables))
      await stores.query(
        `update portero.${table} set ${column} = now() - interval '${keep}' + interval '1 minute'`,
      )
    expect(await sweeper(stores.database)()).toBe(true)
    expect(await counts()).toEqual(young)
    for (const [table, [column, keep]] of Object.entries(tables))
      await stores.query(
        `update portero.${table} set ${column} = now() - interval '${keep}' - interval '1 second'`,
      )
    expect(await sweeper(stores.database)()).toBe(true)
    expect(Object.values(await counts()).every((n) => n === 0)).toBe(true)
  })

  test('tells of the sessions that ran out', async () => {
    const house = openOtpHouse(stores)
    const [phone, caller] = [newPhone(), newCaller()]
    await house.ask(phone, { caller })
    const { session } = await house.type(phone, await house.codeFor(phone), { caller })
    await stores.query(`update portero.sessions set idle_ends_at = now() where id = $1`, [session.id])
    const { next } = await stores.sessionStore.readRevocations(undefined)
    await sweeper(stores.database)()
    const { revocations } = await stores.sessionStore.readRevocations(next)
    expect(revocations).toContainEqual({ id: expect.any(String), sessionId: session.id })
    expect(await stores.query('select ended_why from portero.sessions where id = $1', [session.id])).toEqual([
      { ended_why: 'expired' },
    ])
  })

  test('takes a heap of rows a little at a time', async () => {
    await stores.query(
      `insert into portero.access_log (at, event, outcome, door) select now() - interval '200 days', 'a', 'b', 'c' from generate_series(1, 9000)`,
    )
    const before = (await counts()).access_log!
    await stores.query('select portero.sweep(48, 90, 30, 2000)')
    expect((await counts()).access_log).toBe(before - 2000)
    await sweeper(stores.database)()
    expect((await counts()).access_log).toBe(before - 9000)
  })

  test('is the work of one replica at a time, and takes nothing from those who sign in meanwhile', async () => {
    const house = openOtpHouse(stores)
    const phones = Array.from({ length: 40 }, newPhone)
    await Promise.all(phones.map((phone) => house.ask(phone)))
    await house.needs.deliver.idle()
    await stores.query(`update portero.phone_guards set locked_at = now() - interval '49 hours'`)
    const [outcomes] = await Promise.all([
      atOnce(40, async (i) => {
        const phone = phones[i]!
        const { challengeId } = await house.ask(phone)
        return refusalOf(house.type(phone, await house.codeFor(phone), { challengeId }))
      }),
      atOnce(20, () => sweeper(stores.database)()),
    ])
    expect(outcomes.filter((outcome) => outcome !== 'ok')).toEqual([])
  })

  const renewed = {
    sessions: [
      `insert into portero.sessions (person_id, phone, amr, is_shared, started_at, proved_at, last_seen_at, idle_seconds, idle_ends_at, ends_at, admin_life_seconds, refreshed_at)
        select id, '+5491100000001', '{}', false, now(), now(), now(), 60, now() - interval '1 day', now() + interval '1 day', 60, now()
          from portero.people limit 1`,
      `idle_ends_at = now() + interval '1 day'`,
      "ended_at is null and phone = '+5491100000001'",
    ],
    chat_identities: [
      `insert into portero.chat_identities values ('whatsapp', '+5491100000001', 'a', null, now() - interval '191 days')`,
      'seen_at = now()',
      `phone = '+5491100000001'`,
    ],
    session_notices: [
      `insert into portero.session_notices (kind, person_id, phone, started_at, created_at, due_at, is_waiting)
        values ('document', gen_random_uuid(), '+5491100000001', now(), now() - interval '31 days', null, true)`,
      'created_at = now()',
      `kind = 'document' and phone = '+5491100000001'`,
    ],
    link_requests: [
      `insert into portero.link_requests (phone, is_proof, at) values ('+5491100000001', true, now() - interval '8 days')`,
      `state = 'rejected'`,
      `phone = '+5491100000001'`,
    ],
    requests: [
      `insert into portero.requests (kind, chat_key, until) values ('people', 'whatsapp:+5491100000001', now() - interval '191 days')`,
      `until = now() + interval '1 hour'`,
      `chat_key = 'whatsapp:+5491100000001'`,
    ],
  } as const
  test.each(Object.entries(renewed))(
    'leaves what is renewed while it looks: %s',
    async (table, [old, renew, which]) => {
      await visit()
      await stores.query(old)
      const other = new pg.Client({ connectionString: stores.url })
      await other.connect()
      try {
        await other.query('begin')
        await other.query(`update portero.${table} set ${renew} where ${which}`)
        const swept = sweeper(stores.database)()
        await Promise.race([swept, isWaitedFor()])
        await other.query('commit')
        expect(await swept).toBe(true)
        expect(await stores.query(`select from portero.${table} where ${which}`)).toHaveLength(1)
      } finally {
        await other.end()
      }
    },
  )

  /** Until somebody in this database waits for a row of another. */
  async function isWaitedFor(): Promise<void> {
    for (;;) {
      const waiting = await stores.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      if (waiting.length > 0) return
    }
  }
})
