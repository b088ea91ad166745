import type { PersonState } from '../../domain/people/person.ts'
import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import type {
  AppAccountClaim,
  AppAccountNews,
  AppAccountOnRecord,
  AppAccountPerson,
  AppAccountStore,
} from '../../domain/upstream/app-account-store.ts'
import type { Database } from './open-database.ts'
import { personEmail } from './person-email.ts'

type RecordRow = {
  person_id: string
  account_id: string | null
  email: string
  name: string
  role: string | null
  groups: string[]
  has_told_groups: boolean
  has_sessions: boolean
  suspended_role: string | null
  is_suspended: boolean
}

type TruthRow = {
  id: string | null
  name: string | null
  role: string | null
  groups: string[]
  email_local: string
  own_local_part: string
  state: PersonState
  is_joined: boolean
  phones: string[]
  live: string[]
  ended: string[]
}

type NewsRow = { id: string | null; person_id: string | null; is_urgent: boolean; next: string }

/** The accounts of the application behind, in PostgreSQL. The feed of revocations is their news too. */
export function appAccountStore(database: Database, emailDomain: string): AppAccountStore {
  // In a statement of its own, after the claim: what it sees is not older than the claim.
  const readClaim = async (row: RecordRow): Promise<AppAccountClaim> => {
    const [truth] = await database.rows<TruthRow>(truthSql, [row.person_id])
    return {
      record: recordOf(row),
      person: truth!.id === null ? undefined : personOf(truth!, emailDomain),
      hasLiveSession: truth!.live.length > 0,
      endedSessionIds: truth!.ended,
    }
  }

  return {
    async readPerson(personId) {
      await database.rows(addressSql, [personId])
      const [truth] = await database.rows<TruthRow>(truthSql, [personId])
      return truth!.id === null ? undefined : personOf(truth!, emailDomain)
    },

    async claimAccount(personId, { token, seconds }) {
      const [row] = await database.rows<RecordRow & { is_mine: boolean }>(claimSql, [
        ...[personId, token, seconds],
      ])
      if (row === undefined) return 'absent'
      return row.is_mine ? readClaim(row) : 'held'
    },

    async claimForEntry(personId, { email, name }, { token, seconds }, isForced) {
      const [row] = await database.rows<RecordRow>(claimForEntrySql, [
        ...[personId, email, name, token, seconds, isForced],
      ])
      return row === undefined ? 'held' : readClaim(row)
    },

    async noteEntry(personId, sessionId) {
      return (await database.rows(entrySql, [personId, sessionId])).length === 1
    },

    async noteTold(personId, changes) {
      await database.run(() =>
        database.tables
          .updateTable('portero.app_accounts')
          .set({
            ...('accountId' in changes ? { account_id: changes.accountId ?? null } : {}),
            ...(changes.email === undefined ? {} : { email: changes.email }),
            ...(changes.name === undefined ? {} : { name: changes.name }),
            ...('role' in changes ? { role: changes.role ?? null } : {}),
            ...(changes.groups === undefined ? {} : { groups: [...changes.groups] }),
            ...(changes.hasToldGroups === undefined ? {} : { has_told_groups: changes.hasToldGroups }),
            ...('suspendedRole' in changes ? { suspended_role: changes.suspendedRole ?? null } : {}),
            ...(changes.isSuspended === undefined ? {} : { is_suspended: changes.isSuspended }),
          })
          .where('person_id', '=', personId)
          .execute(),
      )
    },

    async noteRevoked(personId, token, sessionIds) {
      await database.rows(revokedSql, [personId, token, sessionIds])
    },

    async renew(personId, { token, seconds }) {
      await database.rows(renewSql, [personId, token, seconds])
    },

    async release(personId, token, outcome) {
      await database.rows(releaseSql, [personId, token, outcome === 'again'])
    },

    async forget(personId, token) {
      await database.rows(forgetSql, [personId, token])
    },

    async readNews(since) {
      const rows = await database.rows<NewsRow>(newsSql, [since ?? null])
      return {
        next: rows[0]!.next,
        news: rows.flatMap(({ id, person_id, is_urgent }): AppAccountNews[] =>
          id === null || person_id === null ? [] : [{ id, personId: person_id, isUrgent: is_urgent }],
        ),
      }
    },

    async listDue(count) {
      const rows = await database.rows<{ person_id: string }>(dueSql, [count])
      return rows.map((row) => row.person_id)
    },

    async listDiffering({ isEverySession, adminPhones }, after, count) {
      const rows = await database.rows<{ person_id: string; is_last: boolean; differs: boolean }>(
        differingSql,
        [
          ...[
            isEverySession,
            after ?? '00000000-0000-0000-0000-000000000000',
            count,
            emailDomain,
            adminPhones,
          ],
        ],
      )
      return {
        personIds: rows.flatMap((row) => (row.differs ? [row.person_id] : [])),
        next: rows.find((row) => row.is_last)?.person_id,
      }
    },
  }
}

function recordOf(row: RecordRow): AppAccountOnRecord {
  return {
    personId: row.person_id,
    accountId: row.account_id ?? undefined,
    email: row.email,
    name: row.name,
    role: row.role ?? undefined,
    groups: row.groups,
    hasToldGroups: row.has_told_groups,
    hasSessions: row.has_sessions,
    suspendedRole: row.suspended_role ?? undefined,
    isSuspended: row.is_suspended,
  }
}

function personOf(row: TruthRow, emailDomain: string): AppAccountPerson {
  return {
    id: row.id!,
    name: row.name ?? undefined,
    role: row.role ?? undefined,
    groups: row.groups,
    email: personEmail(row.email_local, emailDomain),
    ownLocalPart: row.own_local_part,
    state: row.state,
    isJoined: row.is_joined,
    phones: row.phones.map(canonicalPhone),
  }
}

const recordColumns =
  'person_id, account_id, email, name, role, groups, has_told_groups, has_sessions, suspended_role, is_suspended'

const isFree = '(a.lease_until is null or a.lease_until < clock_timestamp())'
const leaseEnd = (seconds: string) => `clock_timestamp() + make_interval(secs => ${seconds})`

// A claim falls due by itself, in case its holder dies. The second part answers for an account that somebody else holds.
const claimSql = `
  with mine as (
    update portero.app_accounts a
       set lease_token = $2::uuid, lease_until = ${leaseEnd('$3::int')}, next_try_at = ${leaseEnd('$3::int')}
     where a.person_id = $1 and ${isFree}
     returning ${recordColumns}
  )
  select *, true as is_mine from mine
  union all
  select ${recordColumns}, false as is_mine from portero.app_accounts where person_id = $1 and not exists (select from mine)`

const claimForEntrySql = `
  insert into portero.app_accounts as a (person_id, email, name, lease_token, lease_until, next_try_at)
    values ($1, $2, $3, $4, ${leaseEnd('$5::int')}, ${leaseEnd('$5::int')})
  on conflict (person_id) do update
    set lease_token = excluded.lease_token, lease_until = excluded.lease_until, next_try_at = excluded.next_try_at
  where $6 or ${isFree}
  returning ${recordColumns}`

// Whoever came by a table of the operator's own has no row yet.
const addressSql = `
  insert into portero.people (id) select u.id from portero.everybody u where u.id = $1 on conflict (id) do nothing`

const truthSql = `
  with let_in as (
    select s.id, exists (select from portero.live_sessions l where l.id = s.id) as is_live
      from portero.sessions s where s.person_id = $1 and s.in_app
  )
  select u.id, portero.display_name(u.nombre, u.apellido) as name, portero.app_role(p.role) as role, coalesce(p.groups, '{}') as groups,
         coalesce(p.app_email, p.email_local, '') as email_local, coalesce(p.email_local, '') as own_local_part,
         coalesce(p.state, 'active') as state, p.app_email is not null as is_joined,
         array(select pp.phone from portero.phone_people pp where pp.person_id = u.id and pp.belongs = 'attested') as phones,
         array(select id::text from let_in where is_live) as live, array(select id::text from let_in where not is_live) as ended
    from (values ($1::uuid)) as asked (id)
    left join portero.everybody u on u.id = asked.id
    left join portero.people p on p.id = asked.id`

const entrySql = `
  with entered as (
    update portero.sessions set in_app = true
     where id = $2 and person_id = $1 and exists (select from portero.live_sessions l where l.id = $2) and ended_at is null
     returning id
  )
  update portero.app_accounts set has_sessions = true where person_id = $1 and exists (select from entered) returning person_id`

const revokedSql = `
  with told as (
    update portero.app_accounts set has_sessions = false where person_id = $1 and lease_token = $2 returning person_id
  )
  update portero.sessions s set in_app = false from told where s.person_id = told.person_id and s.id = any ($3::uuid[])`

const forgetSql = `
  with forgotten as (
    delete from portero.app_accounts where person_id = $1 and lease_token = $2 returning person_id
  )
  update portero.sessions s set in_app = false from forgotten where s.person_id = forgotten.person_id and s.in_app`

const renewSql = `
  update portero.app_accounts set lease_until = ${leaseEnd('$3::int')}, next_try_at = ${leaseEnd('$3::int')}
   where person_id = $1 and lease_token = $2`

const releaseSql = `
  update portero.app_accounts
     set lease_token = null, lease_until = null,
         next_try_at = case when $3 then clock_timestamp() + make_interval(secs => least(300, 2 ^ least(tries + 1, 9))) end,
         tries = case when $3 then tries + 1 else 0 end
   where person_id = $1 and lease_token = $2`

// The outer join gives one row with the place to go on from even when there is no news.
const newsSql = `
  select r.id, a.person_id, r.person_id is not null as is_urgent, snapshot.next
    from (select pg_snapshot_xmin(pg_current_snapshot())::text as next) as snapshot
    left join portero.revocations r on r.xid >= $1::xid8
    left join portero.sessions s on s.id = r.session_id
    left join portero.app_accounts a on a.person_id = coalesce(r.person_id, s.person_id)`

// `now()`, since an index cannot be asked for what changes from row to row.
const dueSql = `
  select person_id from portero.app_accounts where next_try_at <= now() order by next_try_at limit $1`

const differingSql = `
  with looked as (
    select * from portero.app_accounts where person_id > $2::uuid order by person_id limit $3
  ), compared as (
    select a.person_id,
           case
             when u.id is null or coalesce(p.state, 'active') <> 'active' then not a.is_suspended or a.has_sessions or u.id is null
             when a.account_id is null then false
             else a.suspended_role is not null
               or coalesce(p.app_email, p.email_local || '@' || $4) <> a.email
               or portero.display_name(u.nombre, u.apellido) <> a.name
               or coalesce(portero.app_role(p.role), case
                    when exists (
                      select from portero.phone_people pp
                       where pp.person_id = a.person_id and pp.belongs = 'attested' and pp.phone = any ($5::text[])) then 'admin'
                    when a.role is not null then 'user'
                  end) is distinct from a.role
               or coalesce(p.groups, '{}') <> a.groups
               or (a.has_sessions and not exists (
                    select from portero.sessions s
                     where s.person_id = a.person_id and s.in_app
                       and s.ended_at is null and s.idle_ends_at > clock_timestamp() and s.ends_at > clock_timestamp()
                       and (p.role is distinct from 'admin'
                         or s.started_at + make_interval(secs => s.admin_life_seconds) > clock_timestamp())))
               or ($1 and a.has_sessions and exists (
                    select from portero.sessions s where s.person_id = a.person_id and s.in_app and s.ended_at is not null))
           end as differs,
           row_number() over (order by a.person_id) = $3 as is_last
      from looked a
      left join portero.everybody u on u.id = a.person_id
      left join portero.people p on p.id = a.person_id
  )
  select * from compared where differs or is_last`
