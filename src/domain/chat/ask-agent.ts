import type { Agent } from '../agent/agent.ts'
import { cutAnswer } from '../agent/cut-answer.ts'
import type { Reply } from '../conversation/turn.ts'
import type { Locale } from '../locale.ts'
import type { Log } from '../log.ts'
import type { ChatStore, LeasedQuestion } from './chat-store.ts'
import { holdLease, leaseSeconds } from './hold-lease.ts'

/** What asking the agent asks of the outside. */
export type AskAgentNeeds = {
  readonly chatStore: Pick<ChatStore, 'renewQuestion' | 'settleQuestion'>
  readonly agent: Agent
  /** How long an answer may take. */
  readonly agentTimeoutMs: number
  /** What somebody is told whose question got no answer. */
  readonly apology: (locale: Locale) => Reply
  readonly log: Log
}

/** A question with which so many processes died is not asked again. */
const triesMax = 3

/**
 * Puts a leased question to the agent and settles it: with the answer, or with an apology when there is none in time. What
 * comes back for a question that was dropped meanwhile, by "olvidar" for one, is dropped too. Told to stop by `signal`, it
 * leaves the question to whoever takes it next.
 */
export async function askAgent(
  needs: AskAgentNeeds,
  leased: LeasedQuestion,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const { chatStore, agent, log } = needs
  const { id, tries, ...question } = leased
  const lease = holdLease(log, () => chatStore.renewQuestion(id, token, leaseSeconds))
  const overdue = AbortSignal.timeout(needs.agentTimeoutMs)
  try {
    if (tries > triesMax) throw new Error('several processes ended while they asked')
    const stop = AbortSignal.any([signal, lease.lost, overdue])
    const said = (await Promise.race([agent.answer(question, stop), aborted(stop)]))?.trim()
    const answer = said ? cutAnswer(said) : undefined
    const reply = answer === undefined ? undefined : { text: answer, buttons: [] }
    await chatStore.settleQuestion(id, token, { answer, reply })
  } catch (thrown) {
    if (lease.lost.aborted || signal.aborted) return
    const why = overdue.aborted ? 'too late' : thrown instanceof Error ? thrown.message : 'unknown'
    log.warn({ agent: agent.name, error: why }, 'the agent did not answer')
    await chatStore.settleQuestion(id, token, { answer: undefined, reply: needs.apology(question.locale) })
  } finally {
    lease.stop()
  }
}

/** For an agent that does not listen to its signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
