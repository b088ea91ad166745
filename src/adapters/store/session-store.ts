import { sql } from 'kysely'
import type { OtherPerson, Revocation, SessionStore } from '../../domain/sessions/session-store.ts'
import { call } from './call.ts'
import { liveSession } from './live-session.ts'
import type { Database } from './open-database.ts'
import type { LiveSessionRow } from './tables.ts'

type RefreshRow = LiveSessionRow & { outcome: 'refreshed' | 'gone' | 'reused' }
type OtherRow = { id: string; name: string | null }
type SwitchRow = LiveSessionRow & {
  outcome: 'switched' | 'gone' | 'not_here' | 'proof_too_old'
  others: OtherRow[]
}
type FeedRow = {
  id: string | null
  session_id: string | null
  person_id: string | null
  is_renamed: boolean
  next: string
}

/**
 * The sessions in PostgreSQL. Triggers write each end to the feed of revocations, whoever caused it. The feed is read over
 * `feed`, which nothing else should keep waiting: a process that does not hear it lets nobody in.
 */
export function sessionStore(
  database: Database,
  emailDomain: string,
  feed: Database = database,
): SessionStore {
  const { tables } = database
  return {
    async readSession(id) {
      const [row] = await database.rows<LiveSessionRow>('select * from portero.live_sessions where id = $1', [
        id,
      ])
      return row && liveSession(row, emailDomain)
    },

    async listSessions(personId) {
      const rows = await database.run(() =>
        tables
          .selectFrom('portero.live_sessions')
          .selectAll()
          .where('person_id', '=', personId)
          .orderBy('last_seen_at', 'desc')
          .execute(),
      )
      return rows.map((row) => ({
        id: row.id,
        startedAt: row.started_at,
        lastSeenAt: row.last_seen_at,
        address: row.address ?? undefined,
        userAgent: row.user_agent ?? undefined,
        isShared: row.is_shared,
      }))
    },

    async touchSession(id) {
      await database.rows(touchSql, [id])
    },

    async endSession(by, why) {
      const rows = await database.run(() =>
        tables
          .updateTable('portero.sessions')
          .set({ ended_at: sql<Date>`clock_timestamp()`, ended_why: why })
          .where('id', '=', by.sessionId)
          .where('person_id', '=', by.personId)
          .where('ended_at', 'is', null)
          .returning('id')
          .execute(),
      )
      return rows.length === 1
    },

    async listOthers(sessionId, idleLinkDays) {
      return (await database.rows<OtherRow>(othersSql, [sessionId, idleLinkDays])).map(otherPerson)
    },

    async switchPerson({ sessionId, personId, idleLinkDays, sessionsMax, caller }) {
      const [row] = await database.rows<SwitchRow>(switchSql, [
        ...[sessionId, personId, idleLinkDays, sessionsMax],
        ...[caller.address, caller.port, caller.userAgent, caller.door, caller.reference],
      ])
      if (row?.outcome !== 'switched') return { outcome: row?.outcome ?? 'gone' }
      return {
        outcome: 'switched',
        session: liveSession(row, emailDomain),
        others: row.others.map(otherPerson),
      }
    },

    async endSessions(personId, why) {
      const rows = await database.rows<{ id: string }>(
        'select id from portero.end_sessions_of($1, $2) as id',
        [personId, why],
      )
      return rows.map((row) => row.id)
    },

    async refreshSession(id, generation, replaySeconds, lostSeconds) {
      const [row] = await database.rows<RefreshRow>(refreshSql, [id, generation, replaySeconds, lostSeconds])
      if (row?.outcome !== 'refreshed') return { outcome: row?.outcome ?? 'gone' }
      return { outcome: 'refreshed', session: liveSession(row, emailDomain) }
    },

    async markGenerationSeen(id, generation) {
      await database.rows(
        'update portero.sessions set is_generation_seen = true where id = $1 and generation = $2 and not is_generation_seen',
        [id, generation],
      )
    },

    async readRevocations(since) {
      const rows = await feed.rows<FeedRow>(feedSql, [since ?? null])
      return {
        next: rows[0]!.next,
        revocations: rows.flatMap(
          ({ id, session_id, person_id, is_renamed }): (Revocation & { id: string })[] => {
            if (id === null) return []
            if (session_id !== null) return [{ id, sessionId: session_id }]
            return person_id === null ? [] : [{ id, personId: person_id, isRenamed: is_renamed }]
          },
        ),
      }
    },

    async forgetDevice(secretHash) {
      await database.run(() =>
        tables.deleteFrom('portero.devices').where('secret_hash', '=', secretHash).execute(),
      )
    },
  }
}

function otherPerson({ id, name }: OtherRow): OtherPerson {
  return { id, name: name ?? undefined }
}

const othersSql = `
  select b.id, b.name
    from portero.live_sessions s, lateral portero.people_beside(s.phone, s.person_id, s.device_id, $2) as b
   where s.id = $1`

const switchSql = call('select (v.session).*, v.outcome, v.others from portero.switch_person', 9, 'as v')

const refreshSql = 'select (r.session).*, r.outcome from portero.refresh_session($1, $2, $3, $4) as r'

// The outer join gives one row with the place to go on from even when nothing was revoked.
const feedSql = `
  select r.id, r.session_id, r.person_id, r.is_renamed, s.next
    from (select pg_snapshot_xmin(pg_current_snapshot())::text as next) as s
    left join portero.revocations r on r.xid >= $1::xid8`

// Waits for nobody: whoever forgets a phone or deletes a person locks these in another order, and what they have is touched the next time.
const touchSql = `
  with used as (
    update portero.sessions
       set last_seen_at = clock_timestamp(),
           idle_ends_at = least(clock_timestamp() + make_interval(secs => idle_seconds), ends_at)
     where id = (select id from portero.sessions where id = $1 and ended_at is null
                    and last_seen_at < clock_timestamp() - interval '30 seconds' for no key update skip locked)
     returning phone, person_id
  ), pair as (
    select pp.phone, pp.person_id from portero.phone_people pp join used on pp.phone = used.phone and pp.person_id = used.person_id
     where pp.last_used_at < clock_timestamp() - interval '30 minutes' for no key update of pp skip locked
  ), linked as (
    update portero.phone_people pp set last_used_at = clock_timestamp()
      from pair where pp.phone = pair.phone and pp.person_id = pair.person_id
  ), memory as (
    select t.telefono from public.telefono_usuario t, used cross join lateral portero.memory_of(used.phone) as m
     where t.telefono = m.telefono and t.usuario_id = used.person_id
       and t.ultimo_acceso > clock_timestamp() - make_interval(days => portero.memory_days(used.phone, used.person_id))
       and t.ultimo_acceso < clock_timestamp() - interval '30 minutes' for no key update of t skip locked
  )
  update public.telefono_usuario t set ultimo_acceso = clock_timestamp() from memory where t.telefono = memory.telefono`
