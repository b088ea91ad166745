import type { AgentExchange } from '../../domain/agent/agent.ts'
import type { ChatStore, LeasedQuestion } from '../../domain/chat/chat-store.ts'
import type { Locale } from '../../domain/locale.ts'
import type { Level } from '../../domain/people/person.ts'
import { storableText } from '../../lib/storable-text.ts'
import { call } from './call.ts'
import type { Database } from './open-database.ts'
import { storableJson } from './storable-json.ts'

type QuestionRow = {
  id: string
  chat_key: string
  person_id: string
  about: { name: string | null; level: Level; locale: Locale }
  question: string
  tries: number
  history: AgentExchange[]
}

/** The questions for the agent that wait in chats, in PostgreSQL. */
export function chatQuestions(
  database: Database,
): Pick<ChatStore, 'takeQuestion' | 'renewQuestion' | 'settleQuestion'> {
  return {
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
      const [row] = await database.rows<{ done: boolean }>(
        call('select portero.settle_question', 4, 'as done'),
        [
          ...[id, token, answer === undefined ? null : storableText(answer, Number.MAX_SAFE_INTEGER)],
          reply === undefined ? null : storableJson(reply),
        ],
      )
      return row!.done
    },
  }
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

const renewQuestionSql = `
  update portero.agent_turns set due_at = clock_timestamp() + make_interval(secs => $3::int)
   where id = $1 and lease_token = $2 and due_at is not null returning id`
