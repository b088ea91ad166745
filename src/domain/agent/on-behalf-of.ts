import { isSure } from '../people/level.ts'
import type { OnBehalfOf } from '../upstream/app-tokens.ts'
import type { AgentQuestion } from './agent.ts'

/**
 * In whose name a question is put to an application where people have accounts: of the person where it is sure who asks, else
 * of the guest, if there is one. Whoever only typed somebody's document never gets what is that person's.
 */
export function onBehalfOf(
  { level, person }: Pick<AgentQuestion, 'level' | 'person'>,
  hasGuest: boolean,
): OnBehalfOf | undefined {
  if (isSure(level)) return { personId: person.id }
  return hasGuest ? 'guest' : undefined
}
