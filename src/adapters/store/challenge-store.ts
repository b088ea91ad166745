import type { Channel } from '../../domain/messaging/channel.ts'
import type {
  ChallengeAnswer,
  ChallengeRequest,
  ChallengeRequested,
  ChallengeStore,
  ChallengeVerified,
  ChallengeView,
} from '../../domain/otp/challenge-store.ts'
import type { Digits } from '../../domain/otp/code-key.ts'
import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import { call } from './call.ts'
import { liveSession } from './live-session.ts'
import type { Database } from './open-database.ts'
import { serviceTotals } from './service-totals.ts'
import type { LiveSessionRow } from './tables.ts'

type RequestedRow = {
  outcome: 'sent' | 'too_early' | 'refused'
  challenge_id: string
  salt: Buffer
  key_id: string
  channel: Channel
  digits: Digits
  expires_in: number
  resend_in: number
  delivery_id: string | null
  retry_after: number
}

type VerifiedRow = LiveSessionRow & {
  outcome: ChallengeVerified['outcome']
  others: { id: string; name: string | null }[]
  is_newcomer: boolean
  is_new_device: boolean
  retry_after: number
}

type ViewRow = {
  id: string
  phone: string
  channel: Channel
  digits: Digits
  state: ChallengeView['state']
  tries_left: number
  expires_in: number
  resend_in: number
  is_inbound: boolean
}

/** The challenges in PostgreSQL: what decides is in the functions of migrations 0006 to 0009. */
export function challengeStore(database: Database, emailDomain: string): ChallengeStore {
  return {
    async requestChallenge(request) {
      const [row] = await database.rows<RequestedRow>(requestSql, requestValues(request))
      return requested(row!)
    },

    async verifyChallenge(answer) {
      const [row] = await database.rows<VerifiedRow>(verifySql, verifyValues(answer))
      return verified(row!, emailDomain)
    },

    async readChallenge(id, holdHash) {
      const [row] = await database.rows<ViewRow>(viewSql, [id, holdHash])
      if (row === undefined) return undefined
      return {
        id: row.id,
        phone: canonicalPhone(row.phone),
        channel: row.channel,
        digits: row.digits,
        state: row.state,
        triesLeft: row.tries_left,
        expiresInSeconds: row.expires_in,
        resendInSeconds: row.resend_in,
        isInbound: row.is_inbound,
      }
    },

    readTotals: serviceTotals(database),
  }
}

const requestSql = call('select * from portero.request_challenge', 42)
const verifySql = call(
  'select (v.session).*, v.outcome, v.others, v.is_newcomer, v.is_new_device, v.retry_after from portero.verify_challenge',
  26,
  'as v',
)

const viewSql = `
  select id, phone, channel, digits, tries_left,
         case when used_at is not null then 'used' when tries_left = 0 then 'exhausted'
              when expires_at <= clock_timestamp() then 'expired' else 'live' end as state,
         greatest(0, ceil(extract(epoch from expires_at - clock_timestamp())))::int as expires_in,
         greatest(0, ceil(extract(epoch from resend_at - clock_timestamp())))::int as resend_in, exists (select from portero.inbound_sign_ins i where i.challenge_id = challenges.id) as is_inbound
    from portero.challenges where id = $1 and hold_hash = $2`

function requestValues(r: ChallengeRequest): unknown[] {
  const { caller, budgets, fresh } = r
  const windows = (list: readonly { withinSeconds: number }[]): number[] => list.map((b) => b.withinSeconds)
  const maxes = (list: readonly { max: number }[]): number[] => list.map((b) => b.max)
  return [
    ...[fresh.challengeId, r.phone, r.region, r.prefix, r.channel, r.provider, r.locale],
    ...[caller.address, caller.port, caller.userAgent, caller.door, caller.reference],
    ...[caller.addressKey, caller.networkKey, caller.apiKeyId],
    ...[r.holdHash, r.resends?.challengeId, r.resends?.holdHash, r.deviceHash],
    ...[fresh.salt, fresh.keyId, fresh.proof6, fresh.proof8],
    ...[
      r.ttlSeconds,
      r.lifeMaxSeconds,
      r.triesMax,
      r.resendAfterSeconds,
      r.longCodeAfterGuesses,
      r.digitsMin,
    ],
    ...[windows(budgets.phoneSends), maxes(budgets.phoneSends), budgets.phoneSendsPerAddressPerDay],
    ...[windows(budgets.deviceSends), maxes(budgets.deviceSends), budgets.deviceGuessesPerDay],
    ...[windows(budgets.addressSends), maxes(budgets.addressSends), budgets.networkSendsPerHour],
    ...[budgets.liveChallengesMax, r.admission, r.callSeconds, r.strangersWaitSeconds],
  ]
}

function requested(row: RequestedRow): ChallengeRequested {
  if (row.outcome === 'refused') return { outcome: 'refused', retryAfterSeconds: row.retry_after }
  return {
    outcome: row.outcome,
    seed: { challengeId: row.challenge_id, salt: row.salt, keyId: row.key_id },
    channel: row.channel,
    digits: row.digits,
    expiresInSeconds: row.expires_in,
    resendInSeconds: row.resend_in,
    deliveryId: row.delivery_id ?? undefined,
  }
}

function verifyValues(a: ChallengeAnswer): unknown[] {
  const { caller, session } = a
  return [
    ...[a.phone, a.challengeId, a.holdHash, a.proofs.map((p) => p.keyId), a.proofs.map((p) => p.proof)],
    ...[caller.address, caller.port, caller.userAgent, caller.door, caller.reference],
    ...[caller.addressKey, caller.apiKeyId, a.deviceHash],
    ...[a.addressGuesses.withinSeconds, a.addressGuesses.max, a.deviceGuessesPerDay],
    ...[a.admission, a.idleLinkDays],
    ...[
      session.isShared,
      session.idleSeconds,
      session.lifeSeconds,
      session.adminLifeSeconds,
      session.sessionsMax,
    ],
    ...[session.replacesSessionId, session.newDeviceHash, session.deviceDays],
  ]
}

function verified(row: VerifiedRow, emailDomain: string): ChallengeVerified {
  switch (row.outcome) {
    case 'signed_in':
      return {
        outcome: row.outcome,
        session: liveSession(row, emailDomain),
        others: row.others.map(({ id, name }) => ({ id, name: name ?? undefined })),
        isNewcomer: row.is_newcomer,
        isNewDevice: row.is_new_device,
      }
    case 'too_many_tries':
      return { outcome: row.outcome, retryAfterSeconds: row.retry_after }
    default:
      return { outcome: row.outcome }
  }
}
