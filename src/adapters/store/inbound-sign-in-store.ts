import type { Digits } from '../../domain/otp/code-key.ts'
import type {
  InboundClaimed,
  InboundSignInStore,
  InboundView,
} from '../../domain/otp/inbound-sign-in-store.ts'
import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import { call } from './call.ts'
import type { Database } from './open-database.ts'

type ClaimedRow = {
  outcome: InboundClaimed['outcome']
  challenge_id: string
  salt: Buffer
  key_id: string
  digits: Digits
  address: string
  user_agent: string | null
}

type ViewRow = { state: InboundView['state']; phone: string | null; expires_in: number }

/** The sign-ins that wait for a message, in PostgreSQL: what decides is in the functions of migration 0021. */
export function inboundSignInStore(database: Database): InboundSignInStore {
  return {
    async start({ caller, ...start }) {
      const [row] = await database.rows<{ wait: number }>(startSql, [
        ...[start.challengeId, start.holdHash, start.tokenHash, start.phone, start.ttlSeconds],
        ...[start.startsPerAddressPerHour, start.startsPerNetworkPerHour],
        ...[caller.address, caller.port, caller.userAgent, caller.door, caller.reference],
        ...[caller.addressKey, caller.networkKey],
      ])
      return row!.wait
    },

    async find(tokenHash) {
      const [row] = await database.rows<{ challenge_id: string }>(findSql, [tokenHash])
      return row?.challenge_id
    },

    async claim({ fresh, ...claim }) {
      const [row] = await database.rows<ClaimedRow>(claimSql, [
        ...[claim.tokenHash, claim.phone, claim.writtenAt],
        ...[fresh.salt, fresh.keyId, fresh.proof6, fresh.proof8, claim.locale],
        ...[claim.ttlSeconds, claim.lifeMaxSeconds, claim.triesMax, claim.liveChallengesMax],
        ...[claim.longCodeAfterGuesses, claim.digitsMin, claim.admission, 'bot'],
      ])
      return claimedOf(row!)
    },

    async read(challengeId, holdHash) {
      const [row] = await database.rows<ViewRow>(viewSql, [challengeId, holdHash])
      if (row === undefined) return undefined
      return {
        state: row.state,
        phone: row.phone === null ? undefined : canonicalPhone(row.phone),
        expiresInSeconds: row.expires_in,
      }
    },
  }
}

function claimedOf(row: ClaimedRow): InboundClaimed {
  const { outcome, challenge_id: challengeId, salt, key_id: keyId, digits, address } = row
  if (outcome !== 'claimed' && outcome !== 'again') return { outcome }
  return {
    ...{ outcome, digits, address, userAgent: row.user_agent ?? undefined },
    seed: { challengeId, salt, keyId },
  }
}

const startSql = call('select portero.start_inbound_sign_in', 14, 'as wait')
const findSql = 'select challenge_id from portero.inbound_sign_ins where token_hash = $1'
const claimSql = call('select * from portero.claim_inbound_sign_in', 16)

const viewSql = `
  select case when expires_at > clock_timestamp() then 'waiting' else 'over' end as state, phone,
         greatest(0, ceil(extract(epoch from expires_at - clock_timestamp())))::int as expires_in
    from portero.inbound_sign_ins where challenge_id = $1 and hold_hash = $2 and claimed_at is null`
