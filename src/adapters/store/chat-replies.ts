import type { ChatStore, OutgoingReply } from '../../domain/chat/chat-store.ts'
import { messageStates } from '../../domain/chat/message-status.ts'
import type { Reply } from '../../domain/conversation/turn.ts'
import type { Locale } from '../../domain/locale.ts'
import { storableText } from '../../lib/storable-text.ts'
import type { Database } from './open-database.ts'
import { storableJson } from './storable-json.ts'

type ReplyRow = {
  id: string
  chat_key: string
  channel: string
  address: string
  reply: Reply
  attempts: number
}

type OpenChatRow = { chat_key: string; channel: string; locale: Locale | null }

/** How often a reply is taken again from a process that died with it. */
const deathsMax = 3

/** What goes out to chats, and what becomes of it, in PostgreSQL. */
export function chatReplies(
  database: Database,
): Pick<ChatStore, 'takeReplies' | 'settleReply' | 'findOpenChat' | 'say' | 'noteStatuses'> {
  return {
    async takeReplies(count, seconds) {
      const rows = await database.rows<ReplyRow>(takeSql, [count, seconds, deathsMax])
      return rows.map(outgoingReplyOf)
    },

    async settleReply(id, outcome) {
      if (outcome !== 'given_up' && 'againInSeconds' in outcome) {
        await database.rows(againSql, [id, Math.ceil(outcome.againInSeconds)])
        return
      }
      await database.rows(settleSql, [id, outcome === 'given_up' ? null : outcome.sentAs])
    },

    async findOpenChat(phone, channels) {
      const [row] = await database.rows<OpenChatRow>(openChatSql, [phone, channels])
      return row && { chatKey: row.chat_key, channel: row.channel, locale: row.locale ?? undefined }
    },

    async say(chatKey, topic, reply) {
      const [row] = await database.rows<{ done: boolean }>('select portero.say_in_chat($1, $2, $3) as done', [
        ...[chatKey, topic, storableJson(reply)],
      ])
      return row!.done
    },

    async noteStatuses(statuses) {
      const rows = statuses.map(({ channel, messageId, ref, state }) => ({
        ...{ channel, state, message_id: storableText(messageId, 512) },
        ref: ref !== undefined && /^\d{1,18}$/.test(ref) ? ref : undefined,
      }))
      await database.rows(statusesSql, [JSON.stringify(rows), messageStates])
    },
  }
}

function outgoingReplyOf(row: ReplyRow): OutgoingReply {
  const { id, chat_key: chatKey, channel, address, reply, attempts } = row
  return { id, chatKey, channel, address, reply, attempts }
}

const takeSql = `
  with due as (
    select o.id, o.expires_at <= now() or (o.is_taken and o.deaths >= $3::int) as is_over
      from portero.outbox o
     where o.due_at <= now()
       and not exists (select from portero.outbox e where e.chat_key = o.chat_key and e.id < o.id and e.due_at is not null)
     order by o.due_at limit $1 for update skip locked
  ), taken as (
    update portero.outbox o
       set attempts = o.attempts + 1, deaths = o.deaths + o.is_taken::int, is_taken = not d.is_over,
           due_at = case when not d.is_over then clock_timestamp() + make_interval(secs => $2::int) end,
           reply = case when not d.is_over then o.reply end,
           settled_at = case when d.is_over then clock_timestamp() end
      from due d where o.id = d.id
     returning o.id, o.chat_key, o.channel, o.address, o.reply, o.attempts, d.is_over
  )
  select * from taken where not is_over order by id`

const againSql = `
  update portero.outbox set due_at = clock_timestamp() + make_interval(secs => $2::int), is_taken = false
   where id = $1 and settled_at is null`

const settleSql = `
  update portero.outbox set due_at = null, is_taken = false, reply = null, sent_as = $2, settled_at = clock_timestamp()
   where id = $1 and settled_at is null`

const openChatSql = `
  select c.chat_key, c.channel, c.state ->> 'locale' as locale
    from portero.chats c
   where c.chat_key = any (portero.chat_keys_of($1, $2))
     and c.last_message_at > now() - interval '24 hours' and coalesce(c.state ->> 'isSilenced', '') <> 'true'
   order by c.last_message_at desc limit 1`

const statusesSql = `
  with given as (
    select coalesce(o.id, r.id) as id, max(array_position($2::text[], g.state)) as place
      from jsonb_to_recordset($1::jsonb) as g (channel text, message_id text, ref bigint, state text)
      left join portero.outbox o on o.sent_as = g.message_id and o.channel = g.channel
      left join portero.outbox r on r.id = g.ref and r.channel = g.channel
     group by 1
  )
  update portero.outbox o set delivery_state = ($2::text[])[g.place]
    from given g
   where o.id = g.id and g.place > coalesce(array_position($2::text[], o.delivery_state), 0)`
