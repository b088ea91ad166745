import { sql } from 'kysely'
import type { Locale } from '../../domain/locale.ts'
import type { Channel } from '../../domain/messaging/channel.ts'
import type { DeliveryStore } from '../../domain/messaging/delivery-store.ts'
import type { Digits, Purpose } from '../../domain/otp/code-key.ts'
import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import type { Database } from './open-database.ts'

type OrphanRow = {
  id: string
  purpose: Purpose
  code_phone: string
  challenge_id: string
  phone: string
  channel: Channel
  locale: Locale
  salt: Buffer
  key_id: string
  digits: Digits
  ttl: number
}

/** The deliveries in PostgreSQL. */
export function deliveryStore(database: Database): DeliveryStore {
  return {
    async settleDelivery(id, result) {
      const state = result.ok ? 'accepted' : result.reason === 'timeout_unknown' ? 'unknown' : 'failed'
      await database.run(() =>
        database.tables
          .updateTable('portero.deliveries')
          .set({
            state,
            reason: result.ok ? null : result.reason,
            provider_message_id: result.ok ? result.providerMessageId : null,
            settled_at: sql<Date>`clock_timestamp()`,
            calling_until: null,
          })
          .where('id', '=', id)
          .where('state', '=', 'calling')
          .execute(),
      )
    },

    async claimOrphanedDeliveries(callSeconds) {
      const rows = await database.rows<OrphanRow>(claimSql, [callSeconds])
      return rows.map((row) => ({
        id: row.id,
        purpose: row.purpose,
        codePhone: canonicalPhone(row.code_phone),
        challengeId: row.challenge_id,
        phone: canonicalPhone(row.phone),
        channel: row.channel,
        locale: row.locale,
        salt: row.salt,
        keyId: row.key_id,
        digits: row.digits,
        ttlSeconds: row.ttl,
      }))
    },
  }
}

const claimSql = `
  with orphans as (
    select d.id, c.*, floor(extract(epoch from c.expires_at - clock_timestamp()))::int as ttl,
           d.attempts = 1 and c.used_at is null and c.tries_left > 0 and c.expires_at > clock_timestamp() + interval '20 seconds' as is_due
      from portero.deliveries d
      left join lateral (
        select id as challenge_id, 'sign_in' as purpose, phone as code_phone, salt, key_id, digits, used_at, tries_left, expires_at
          from portero.challenges where id = d.challenge_id
        union all
        select id, 'link', asker, salt, key_id, 6, used_at, tries_left, expires_at
          from portero.link_codes where id = d.challenge_id) as c on true
     where d.state = 'calling' and d.calling_until < clock_timestamp()
       for update of d skip locked
  ), claimed as (
    update portero.deliveries d
       set state = case when o.is_due then 'calling' else 'unknown' end,
           attempts = d.attempts + 1,
           calling_until = case when o.is_due then clock_timestamp() + make_interval(secs => $1) end,
           settled_at = case when not coalesce(o.is_due, false) then clock_timestamp() end
      from orphans o where d.id = o.id
     returning d.id, d.phone, d.channel, d.locale, d.state, o.challenge_id, o.purpose, o.code_phone, o.salt, o.key_id, o.digits, o.ttl
  )
  select * from claimed where state = 'calling'`
