import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import type { Session } from '../../src/domain/sessions/session.ts'
import type { AppAccountClaim, Lease } from '../../src/domain/upstream/app-account-store.ts'
import { atOnce, tally } from '../support/samples.ts'
import { signedIn } from '../support/signed-in.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of app accounts promises (domain/upstream/app-account-store.ts). */
export function appAccountStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of app account stores`, () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await open()
    })
    afterAll(() => stores.close(), 60_000)

    const lease = (seconds = 60): Lease => ({ token: randomUUID(), seconds })

    /** Somebody who was let in; the claim is given back. */
    async function entered(): Promise<Session> {
      const session = await signedIn(stores)
      const { id, email } = session.person
      const mine = lease()
      await stores.appAccountStore.claimForEntry(id, { email, name: 'Persona 1' }, mine, false)
      expect(await stores.appAccountStore.noteEntry(id, session.id)).toBe(true)
      await stores.appAccountStore.noteTold(id, { accountId: `account of ${id}` })
      await stores.appAccountStore.release(id, mine.token, 'settled')
      return session
    }

    async function claimOf(personId: string, by = lease()): Promise<AppAccountClaim> {
      const claim = await stores.appAccountStore.claimAccount(personId, by)
      if (typeof claim === 'string') throw new Error(claim)
      return claim
    }

    const due = async () => new Set(await stores.appAccountStore.listDue(1000))
    const differing = async (isEverySession = false, adminPhones: readonly PhoneNumber[] = []) => {
      const found: string[] = []
      let after: string | undefined
      do {
        const page = await stores.appAccountStore.listDiffering({ isEverySession, adminPhones }, after, 3)
        found.push(...page.personIds)
        after = page.next
      } while (after !== undefined)
      return new Set(found)
    }

    test('tells who a person is before the application knows of them, and gives fifty who ask at once one address', async () => {
      const { person } = await signedIn(stores)
      expect(await stores.appAccountStore.readPerson(person.id)).toMatchObject({
        ...{ id: person.id, email: person.email, state: 'active', isJoined: false },
      })
      const [made] = await stores.query<{ id: string }>(
        `insert into public.usuarios (nombre, apellido) values ('Ana', 'Souza') returning id`,
      )
      const all = await atOnce(50, () => stores.appAccountStore.readPerson(made!.id))
      expect(new Set(all.map((one) => one?.email)).size).toBe(1)
      expect(all[0]).toMatchObject({ name: 'Ana Souza', groups: [], phones: [], state: 'active' })
      expect(all[0]!.email).toMatch(/^u-[\da-f]{32}@people\.example$/)
      expect(await stores.appAccountStore.readPerson(randomUUID())).toBeUndefined()
      expect(await stores.appAccountStore.claimAccount(made!.id, lease())).toBe('absent')
    })

    test('of fifty who claim an account at once one gets it, and the next when it is given back', async () => {
      const { id } = (await entered()).person
      const leases = Array.from({ length: 50 }, () => lease())
      const claims = await atOnce(50, (i) => stores.appAccountStore.claimAccount(id, leases[i]!))
      expect(tally(claims.map((claim) => (typeof claim === 'string' ? claim : 'mine')))).toEqual({
        ...{ mine: 1, held: 49 },
      })
      const winner = leases[claims.findIndex((claim) => typeof claim !== 'string')]!
      await stores.appAccountStore.release(id, leases.find((one) => one !== winner)!.token, 'settled')
      expect(await stores.appAccountStore.claimAccount(id, lease())).toBe('held')
      await stores.appAccountStore.release(id, winner.token, 'settled')
      expect(await claimOf(id)).toMatchObject({ record: { personId: id } })
    })

    test('of fifty first sign-ins at once one gets the claim, and there is one record', async () => {
      const { person } = await signedIn(stores)
      const claims = await atOnce(50, () =>
        stores.appAccountStore.claimForEntry(person.id, { email: person.email, name: 'n' }, lease(), false),
      )
      expect(claims.filter((claim) => claim !== 'held').length).toBe(1)
      const forced = await stores.appAccountStore.claimForEntry(
        ...([person.id, { email: 'other@example.org', name: 'other' }, lease(), true] as const),
      )
      expect(forced).toEqual({
        record: {
          ...{ personId: person.id, accountId: undefined, email: person.email, name: 'n', role: undefined },
          ...{ groups: [], hasToldGroups: false, hasSessions: false, isSuspended: false },
          suspendedRole: undefined,
        },
        person: {
          ...{ id: person.id, name: undefined, role: undefined, groups: [], email: person.email },
          ...{ ownLocalPart: person.email.split('@')[0], state: 'active', isJoined: false },
          ...{ phones: [expect.stringMatching(/^\+55/)] },
        },
        hasLiveSession: false,
        endedSessionIds: [],
      })
    })

    test('a claim whose holder died is due when its lease is over, and can be claimed again', async () => {
      const { id } = (await entered()).person
      await claimOf(id)
      expect((await due()).has(id)).toBe(false)
      await stores.query(
        `update portero.app_accounts set lease_until = now() - interval '1 s', next_try_at = now() - interval '1 s' where person_id = $1`,
        [id],
      )
      expect((await due()).has(id)).toBe(true)
      await claimOf(id)
    })

    test('a claim that is renewed lasts from then on, and nobody renews what is no longer theirs', async () => {
      const { id } = (await entered()).person
      const mine = lease(1)
      await claimOf(id, mine)
      await stores.appAccountStore.renew(id, { ...mine, seconds: 60 })
      await sleep(1100)
      expect(await stores.appAccountStore.claimAccount(id, lease())).toBe('held')
      expect((await due()).has(id)).toBe(false)
      await stores.appAccountStore.release(id, mine.token, 'settled')
      await stores.appAccountStore.renew(id, mine)
      await claimOf(id)
    })

    test('what failed is due again after 2 seconds, and each time after twice as long, up to 5 minutes', async () => {
      const { id } = (await entered()).person
      const waits: number[] = []
      for (let round = 0; round < 10; round += 1) {
        const mine = lease()
        await claimOf(id, mine)
        await stores.appAccountStore.release(id, mine.token, 'again')
        const [row] = await stores.query<{ seconds: string }>(
          'select round(extract(epoch from next_try_at - clock_timestamp())) as seconds from portero.app_accounts where person_id = $1',
          [id],
        )
        waits.push(Number(row!.seconds))
      }
      expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
      const mine = lease()
      await claimOf(id, mine)
      await stores.appAccountStore.release(id, mine.token, 'settled')
      expect(
        await stores.query('select tries, next_try_at from portero.app_accounts where person_id = $1', [id]),
      ).toEqual([{ tries: 0, next_try_at: null }])
    })

    test('a session that is over is not let in, and nothing is noted', async () => {
      const session = await signedIn(stores)
      const { id, email } = session.person
      await stores.appAccountStore.claimForEntry(id, { email, name: 'n' }, lease(), false)
      await stores.sessionStore.endSession({ sessionId: session.id, personId: id }, 'signed_out')
      expect(await stores.appAccountStore.noteEntry(id, session.id)).toBe(false)
      expect(
        await stores.appAccountStore.claimForEntry(id, { email, name: 'n' }, lease(), true),
      ).toMatchObject({
        ...{ record: { hasSessions: false }, endedSessionIds: [] },
      })
    })

    test('every end of a session that was let in is seen, however it ended, until it was told', async () => {
      const first = await entered()
      const { id } = first.person
      const second = await signedIn(stores, first.phone)
      expect(await stores.appAccountStore.noteEntry(id, second.id)).toBe(true)
      const mine = lease()
      expect(await claimOf(id, mine)).toMatchObject({ hasLiveSession: true, endedSessionIds: [] })
      await stores.appAccountStore.release(id, mine.token, 'settled')

      await stores.query(`update portero.sessions set idle_ends_at = now() where id = $1`, [first.id])
      const then = lease()
      expect(await claimOf(id, then)).toMatchObject({ hasLiveSession: true, endedSessionIds: [first.id] })
      await stores.appAccountStore.noteRevoked(id, randomUUID(), [first.id])
      await stores.appAccountStore.release(id, then.token, 'settled')
      const last = lease()
      expect(await claimOf(id, last)).toMatchObject({ endedSessionIds: [first.id] })
      await stores.appAccountStore.noteRevoked(id, last.token, [first.id])
      await stores.appAccountStore.release(id, last.token, 'settled')
      expect(await claimOf(id)).toMatchObject({
        ...{ hasLiveSession: true, endedSessionIds: [], record: { hasSessions: false } },
      })
    })

    test('a record outlives its person, and is forgotten by whoever holds the claim', async () => {
      const { id } = (await entered()).person
      await stores.query('delete from public.usuarios where id = $1', [id])
      const mine = lease()
      expect(await claimOf(id, mine)).toMatchObject({ person: undefined, record: { hasSessions: true } })
      await stores.appAccountStore.forget(id, randomUUID())
      expect(await stores.appAccountStore.claimAccount(id, lease())).toBe('held')
      await stores.appAccountStore.forget(id, mine.token)
      expect(await stores.appAccountStore.claimAccount(id, lease())).toBe('absent')
    })

    test('keeps what was told, only what it is given, and can keep that there is nothing', async () => {
      const { id } = (await entered()).person
      await stores.appAccountStore.noteTold(id, {
        ...{
          role: 'admin',
          groups: ['a,b', 'c'],
          hasToldGroups: true,
          name: 'Ana',
          email: 'ana@example.org',
        },
        ...{ suspendedRole: 'user', isSuspended: true },
      })
      await stores.appAccountStore.noteTold(id, { role: undefined, suspendedRole: undefined })
      expect((await claimOf(id)).record).toMatchObject({
        ...{ accountId: `account of ${id}`, role: undefined, groups: ['a,b', 'c'], hasToldGroups: true },
        ...{ name: 'Ana', email: 'ana@example.org', suspendedRole: undefined, isSuspended: true },
      })
    })

    test('news are heard of whoever is on record: renamed, changed, signed out, deleted, by whatever way', async () => {
      const session = await entered()
      const stranger = await signedIn(stores)
      const { id } = session.person
      const told = new Set<string>()
      const heard = async (sql: string, values: unknown[]) => {
        const { next } = await stores.appAccountStore.readNews(undefined)
        await stores.query(sql, values)
        const { news } = await stores.appAccountStore.readNews(next)
        // While any transaction of the server is open, of another test too, what was told before it may come again.
        const fresh = news.filter((one) => one.personId === id && !told.has(one.id))
        for (const one of fresh) told.add(one.id)
        return fresh
      }
      const urgent = [{ id: expect.any(String), personId: id, isUrgent: true }]
      const own = [id]
      expect(await heard(`update public.usuarios set nombre = 'Ana' where id = $1`, own)).toEqual(urgent)
      expect(await heard(`update portero.people set role = 'user' where id = $1`, own)).toEqual(urgent)
      expect(
        await heard(`update portero.people set app_email = 'news@example.org' where id = $1`, own),
      ).toEqual(urgent)
      expect(
        await heard(`update portero.sessions set ended_at = now() where id = any ($1)`, [
          [session.id, stranger.id],
        ]),
      ).toEqual([{ ...urgent[0], isUrgent: false }])
      expect(await heard('delete from public.usuarios where id = $1', own)).toEqual(urgent)
    })

    test('comparing finds every difference, and nobody who is in step', async () => {
      const inStep = await entered()
      const changes: Record<string, string> = {
        renamed: `update public.usuarios set nombre = 'Ana' where id = $1`,
        role: `update portero.people set role = 'admin' where id = $1`,
        groups: `update portero.people set groups = '{staff}' where id = $1`,
        blocked: `update portero.people set state = 'blocked' where id = $1`,
        deleted: 'delete from public.usuarios where id = $1',
        joined: `update portero.people set app_email = 'differs@example.org' where id = $1`,
        signedOut: 'update portero.sessions set ended_at = now() where person_id = $1',
        ranOut: 'update portero.sessions set idle_ends_at = now() where person_id = $1',
        suspended: `update portero.app_accounts set suspended_role = 'user' where person_id = $1`,
      }
      const people = new Map<string, string>()
      for (const [what, sql] of Object.entries(changes)) {
        const { id } = (await entered()).person
        await stores.query(sql, [id])
        people.set(id, what)
      }
      const found = await differing()
      expect([...people].filter(([id]) => !found.has(id))).toEqual([])
      expect(found.has(inStep.person.id)).toBe(false)

      const other = await signedIn(stores, inStep.phone)
      await stores.appAccountStore.noteEntry(inStep.person.id, other.id)
      await stores.query('update portero.sessions set ended_at = now() where id = $1', [other.id])
      expect((await differing()).has(inStep.person.id)).toBe(false)
      expect((await differing(true)).has(inStep.person.id)).toBe(true)
      await stores.query(`update portero.people set role = 'janitor' where id = $1`, [inStep.person.id])
      expect((await differing()).has(inStep.person.id)).toBe(false)
    })

    test('comparing asks whether a role that was told is still true, phones of administrators included', async () => {
      const admin = await entered()
      const user = await entered()
      const isFound = async (session: Session, role: string | undefined, phones: readonly PhoneNumber[]) => {
        await stores.appAccountStore.noteTold(session.person.id, { role })
        return (await differing(false, phones)).has(session.person.id)
      }
      const phones = [admin.phone]
      expect([await isFound(admin, undefined, phones), await isFound(admin, 'admin', phones)]).toEqual([
        ...[true, false],
      ])
      expect([await isFound(admin, 'admin', []), await isFound(admin, 'user', [])]).toEqual([true, false])
      expect([await isFound(user, undefined, phones), await isFound(user, 'user', phones)]).toEqual([
        ...[false, false],
      ])
      expect([await isFound(user, 'admin', phones), await isFound(user, 'pending', [])]).toEqual([true, true])
    })
  })
}
