import type { AgentExchange } from '../../domain/agent/agent.ts'
import type {
  ChatAnswer,
  ChatStore,
  Decision,
  IncomingMessage,
  LeasedChat,
  LeasedQuestion,
  OutgoingReply,
} from '../../domain/chat/chat-store.ts'
import { messageStates } from '../../domain/chat/message-status.ts'
import type { NewRequest } from '../../domain/chat/request-store.ts'
import type { ConversationState, Reply } from '../../domain/conversation/turn.ts'
import type { Locale } from '../../domain/locale.ts'
import type { Level } from '../../domain/people/person.ts'
import { storableText } from '../../lib/storable-text.ts'
import { call } from './call.ts'
import type { Database } from './open-database.ts'

type Body = Pick<IncomingMessage, 'phone' | 'isProof' | 'text' | 'isButton' | 'profileName' | 'signals'>

type LeaseRow = {
  chat_key: string
  channel: string
  address: string
  state: ConversationState | null
  recent_answers: number
  is_silent: boolean
  messages: { id: string; tries: number; message_id: string; at: string; body: Body }[]
}

type AnswerRow = { is_open: boolean; is_set_aside: boolean; answer: ChatAnswer | null }

type QuestionRow = {
  id: string
  chat_key: string
  person_id: string
  about: { name: string | null; level: Level; locale: Locale }
  question: string
  tries: number
  history: AgentExchange[]
}

type ReplyRow = {
  id: string
  chat_key: string
  channel: string
  address: string
  reply: Reply
  attempts: number
}

type OpenChatRow = { chat_key: string; channel: string; locale: Locale | null }

/** Longest text and name that are kept: WhatsApp lets nobody write more. */
const textMax = 4096
const nameMax = 200

/** Undecided messages that one chat may have; more are kept as ids alone. */
const undecidedMax = 1000
/** Messages of a chat that are handed out together. */
const messagesMax = 50
const triesMax = 3
/** How often a reply is taken again from a process that died with it. */
const deathsMax = 3

/** The chats in PostgreSQL. */
export function chatStore(database: Database): ChatStore {
  const isDone = async (text: string, values: unknown[]): Promise<boolean | null> => {
    const [row] = await database.rows<{ done: boolean | null }>(text, values)
    return row?.done ?? null
  }
  return {
    async receive(messages) {
      if (messages.length === 0) return []
      const rows = await database.rows<{ message_id: string }>(receiveSql, [
        JSON.stringify(messages.map(rowOf)),
        undecidedMax,
      ])
      return rows.map((row) => row.message_id)
    },

    async lease(token, seconds, chatKey) {
      const [row] = await database.rows<LeaseRow>(call('select * from portero.lease_chat', 4), [
        ...[token, seconds, chatKey ?? null, messagesMax],
      ])
      return row && leasedChatOf(row)
    },

    async renew(chatKey, token, seconds) {
      return (await database.rows(renewSql, [chatKey, token, seconds])).length === 1
    },

    async decide(chatKey, token, decision) {
      return (await isDone(decision.isLast ? decideLastSql : decideSql, [
        ...[chatKey, token, decision.messageIds],
        ...decisionValues(decision),
        jsonOf((decision.requests ?? []).map(requestRow)),
        jsonOf((decision.notices ?? []).map(({ phone, personId }) => ({ phone, person_id: personId }))),
      ]))!
    },

    async fail(chatKey, token, messageId) {
      const isSetAside = await isDone(call('select portero.fail_message', 4, 'as done'), [
        ...[chatKey, token, messageId, triesMax],
      ])
      if (isSetAside === null) return 'lost'
      return isSetAside ? 'set_aside' : 'again'
    },

    async release(chatKey, token, afterSeconds = 0) {
      await database.rows(call('select portero.release_chat', 3), [chatKey, token, afterSeconds])
    },

    async readAnswer(channel, messageId) {
      const [row] = await database.rows<AnswerRow>(answerSql, [channel, messageId])
      if (row === undefined || row.is_open) return 'open'
      if (row.is_set_aside) return 'set_aside'
      return row.answer === null
        ? { replies: [], step: undefined, level: undefined, person: undefined }
        : answerOf(row.answer)
    },

    async takeQuestion(token, seconds, chatKey) {
      const [row] = await database.rows<QuestionRow>(call('select * from portero.take_question', 3), [
        ...[token, seconds, chatKey ?? null],
      ])
      return row && leasedQuestionOf(row)
    },

    async renewQuestion(id, token, seconds) {
      return (await database.rows(renewQuestionSql, [id, token, seconds])).length === 1
    },

    async settleQuestion(id, token, { answer, reply }) {
      return (await isDone(call('select portero.settle_question', 4, 'as done'), [
        ...[id, token, answer === undefined ? null : storableText(answer, Number.MAX_SAFE_INTEGER)],
        reply === undefined ? null : jsonOf(reply),
      ]))!
    },

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
      return (await isDone('select portero.say_in_chat($1, $2, $3) as done', [
        ...[chatKey, topic, jsonOf(reply)],
      ]))!
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

function rowOf(message: IncomingMessage, place: number) {
  const { phone, isProof, isButton, signals } = message
  const body: Body = {
    phone,
    isProof,
    isButton,
    text: storableText(message.text, textMax),
    profileName: message.profileName && storableText(message.profileName, nameMax),
    ...(signals && { signals }),
  }
  return {
    place,
    chat_key: storableText(message.chatKey, nameMax),
    channel: message.channel,
    message_id: storableText(message.messageId, 512),
    address: storableText(message.address, nameMax),
    written_at: message.at,
    body,
  }
}

function leasedChatOf(row: LeaseRow): LeasedChat {
  const { chat_key: chatKey, channel, address } = row
  return {
    chatKey,
    channel,
    address,
    state: row.state === null ? undefined : stateOf(row.state),
    recentAnswers: row.recent_answers,
    isSilent: row.is_silent,
    messages: row.messages.map(({ id, tries, message_id: messageId, at, body }) => ({
      ...{ id, tries, chatKey, channel, address, messageId, at: new Date(at) },
      ...body,
      phone: body.phone,
      profileName: body.profileName,
    })),
  }
}

/** JSON has no undefined: what was left out is put back, so that a state is again of its type. */
function stateOf(kept: ConversationState): ConversationState {
  return {
    ...kept,
    withPeopleUntil: kept.withPeopleUntil,
    notPersonId: kept.notPersonId,
    visitorId: kept.visitorId,
  }
}

function decisionValues(decision: Decision): unknown[] {
  const { state, replies, answer, personId, question, silentSeconds } = decision
  return [
    state === undefined ? null : jsonOf(state),
    jsonOf(replies),
    answer === undefined ? null : jsonOf(answer),
    personId !== undefined,
    personId ?? null,
    question === undefined ? null : jsonOf(questionRow(question)),
    silentSeconds ?? null,
  ]
}

function questionRow({ text, person, level, locale, waitSeconds }: NonNullable<Decision['question']>) {
  return { text, about: { name: person.name, level, locale }, wait_seconds: waitSeconds }
}

function requestRow({ kind, phone, personId, level, until, isOfAll }: NewRequest) {
  return { kind, phone, person_id: personId, level, until, is_of_all: isOfAll }
}

/** As `jsonb` takes it: an escaped NUL or half a surrogate pair is refused there. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? storableText(part, Number.MAX_SAFE_INTEGER) : part,
  )
}

function answerOf({ replies, step, level, person }: ChatAnswer): ChatAnswer {
  return { replies, step, level, person: person && { id: person.id, name: person.name } }
}

function leasedQuestionOf(row: QuestionRow): LeasedQuestion {
  const { name, level, locale } = row.about
  return {
    id: row.id,
    tries: row.tries,
    chatKey: row.chat_key,
    text: row.question,
    person: { id: row.person_id, name: name ?? undefined },
    level,
    locale,
    history: row.history,
  }
}

function outgoingReplyOf(row: ReplyRow): OutgoingReply {
  const { id, chat_key: chatKey, channel, address, reply, attempts } = row
  return { id, chatKey, channel, address, reply, attempts }
}

// The chats first, in one order for everybody: their locks make ids follow the order of commits in each chat.
const receiveSql = `
  with given as materialized (
    select * from jsonb_to_recordset($1::jsonb)
      as m (place int, chat_key text, channel text, message_id text, address text, written_at timestamptz, body jsonb)
  ), newest as (
    select distinct on (g.chat_key) g.chat_key, g.channel, g.address,
           least(max(g.written_at) over (partition by g.chat_key), now()) as written_at
      from given g order by g.chat_key, g.place desc
  ), chat as (
    insert into portero.chats as c (chat_key, channel, address, last_message_at, due_at)
    select chat_key, channel, address, written_at, now() from newest order by chat_key
    on conflict (chat_key) do update
      set address = excluded.address, last_message_at = greatest(c.last_message_at, excluded.last_message_at),
          seen_at = clock_timestamp(), due_at = coalesce(c.due_at, excluded.due_at)
    returning c.chat_key,
      (select count(*) from (select from portero.inbox i where i.chat_key = c.chat_key and i.decided_at is null limit $2) u) >= $2 as is_full
  ), fresh as (
    insert into portero.inbox (chat_key, channel, message_id, written_at, body, decided_at)
    select g.chat_key, g.channel, g.message_id, least(g.written_at, now()),
           case when not c.is_full then g.body end, case when c.is_full then now() end
      from given g join chat c on c.chat_key = g.chat_key order by g.place
    on conflict (channel, message_id) do nothing
    returning id, message_id
  )
  select message_id from fresh order by id`

// `case` keeps the order: nothing is asked or told of anybody by a decision that did not count.
const decideSql = `
  select ${call('case when portero.decide_messages', 10)} then portero.open_requests($1, $11) and portero.open_notices($12)
    else false end as done`

// `offset 0`: the inner one is done before the outer one looks at it.
const decideLastSql = `
  select done, case when done then portero.release_chat($1, $2, 0) end from (${decideSql} offset 0) as decided`

const renewSql = `
  update portero.chats set due_at = clock_timestamp() + make_interval(secs => $3::int) where chat_key = $1 and lease_token = $2
  returning chat_key`

const answerSql = `
  select decided_at is null or awaits_agent as is_open, is_set_aside, answer
    from portero.inbox where channel = $1 and message_id = $2`

const renewQuestionSql = `
  update portero.agent_turns set due_at = clock_timestamp() + make_interval(secs => $3::int)
   where id = $1 and lease_token = $2 and due_at is not null returning id`

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

// A chat is named after the phone, or after the id that stands for it where the channel hides it.
const openChatSql = `
  select c.chat_key, c.channel, c.state ->> 'locale' as locale
    from portero.chats c
   where c.chat_key = any (
           select k || ':' || $1 from unnest($2::text[]) as k
           union all
           select h.channel || ':' || h.user_id from portero.hidden_numbers h where h.phone = $1 and h.channel = any ($2))
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
