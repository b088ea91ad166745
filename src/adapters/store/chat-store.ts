import type {
  ChatAnswer,
  ChatStore,
  Decision,
  IncomingMessage,
  LeasedChat,
} from '../../domain/chat/chat-store.ts'
import type { NewRequest } from '../../domain/chat/request-store.ts'
import type { ConversationState } from '../../domain/conversation/turn.ts'
import { storableText } from '../../lib/storable-text.ts'
import { call } from './call.ts'
import { chatQuestions } from './chat-questions.ts'
import { chatReplies } from './chat-replies.ts'
import type { Database } from './open-database.ts'
import { storableJson } from './storable-json.ts'

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

/** Longest text and name that are kept: WhatsApp lets nobody write more. */
const textMax = 4096
const nameMax = 200

/** Undecided messages that one chat may have; more are kept as ids alone. */
const undecidedMax = 1000
/** Messages of a chat that are handed out together. */
const messagesMax = 50
const triesMax = 3

/** The chats in PostgreSQL. */
export function chatStore(database: Database): ChatStore {
  const isDone = async (text: string, values: unknown[]): Promise<boolean | null> => {
    const [row] = await database.rows<{ done: boolean | null }>(text, values)
    return row?.done ?? null
  }
  return {
    ...chatQuestions(database),
    ...chatReplies(database),

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
        storableJson((decision.requests ?? []).map(requestRow)),
        storableJson((decision.notices ?? []).map(({ phone, personId }) => ({ phone, person_id: personId }))),
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
    state === undefined ? null : storableJson(state),
    storableJson(replies),
    answer === undefined ? null : storableJson(answer),
    personId !== undefined,
    personId ?? null,
    question === undefined ? null : storableJson(questionRow(question)),
    silentSeconds ?? null,
  ]
}

function questionRow({ text, person, level, locale, waitSeconds }: NonNullable<Decision['question']>) {
  return { text, about: { name: person.name, level, locale }, wait_seconds: waitSeconds }
}

function requestRow({ kind, phone, personId, level, until, isOfAll }: NewRequest) {
  return { kind, phone, person_id: personId, level, until, is_of_all: isOfAll }
}

function answerOf({ replies, step, level, person }: ChatAnswer): ChatAnswer {
  return { replies, step, level, person: person && { id: person.id, name: person.name } }
}

// The chats first, in one order for everybody: their locks make ids follow the order of commits in each chat, and so do times that no
// channel gave: `least` passes over what is null.
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
    select g.chat_key, g.channel, g.message_id, least(g.written_at, date_trunc('milliseconds', clock_timestamp())),
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
