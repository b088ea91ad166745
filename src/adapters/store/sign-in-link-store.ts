import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import type { LinkUsed, SignInLinkStore } from '../../domain/sessions/sign-in-link-store.ts'
import { call } from './call.ts'
import { liveSession } from './live-session.ts'
import type { Database } from './open-database.ts'
import type { LiveSessionRow } from './tables.ts'

type ReadRow = { person_id: string; name: string | null; phone: string }

type RedeemedRow = LiveSessionRow & {
  outcome: LinkUsed['outcome']
  others: { id: string; name: string | null }[]
  is_new_device: boolean
}

/** The links in PostgreSQL: what decides is in the functions of migration 0020. */
export function signInLinkStore(database: Database, emailDomain: string): SignInLinkStore {
  return {
    async give(link) {
      const [row] = await database.rows<{ is_given: boolean }>(giveSql, [
        ...[link.tokenHash, link.phone, link.personId, link.chatKey, link.askedAt],
        ...[link.ttlSeconds, link.liveMax, link.idleLinkDays, 'bot'],
      ])
      return row!.is_given
    },

    async read(tokenHash, { idleLinkDays, deviceHash }) {
      const [row] = await database.rows<ReadRow>(readSql, [...[tokenHash, idleLinkDays, deviceHash]])
      return (
        row && {
          personId: row.person_id,
          name: row.name ?? undefined,
          phone: canonicalPhone(row.phone),
        }
      )
    },

    async redeem({ caller, session, ...use }) {
      const [row] = await database.rows<RedeemedRow>(redeemSql, [
        ...[use.tokenHash, use.amr],
        ...[caller.address, caller.port, caller.userAgent, caller.door, caller.reference],
        ...[use.deviceHash, use.deviceGuessesPerDay, use.idleLinkDays],
        ...[session.isShared, session.idleSeconds, session.lifeSeconds, session.adminLifeSeconds],
        ...[session.sessionsMax, session.replacesSessionId, session.newDeviceHash, session.deviceDays],
      ])
      if (row?.outcome !== 'signed_in') return { outcome: row?.outcome ?? 'dead' }
      return {
        outcome: 'signed_in',
        session: liveSession(row, emailDomain),
        isNewDevice: row.is_new_device,
        others: row.others.map(({ id, name }) => ({ id, name: name ?? undefined })),
      }
    },
  }
}

const giveSql = call('select portero.give_link', 9, 'as is_given')
const readSql = call('select * from portero.read_link', 3)
const redeemSql = call(
  'select (r.session).*, r.outcome, r.others, r.is_new_device from portero.redeem_link',
  18,
  'as r',
)
