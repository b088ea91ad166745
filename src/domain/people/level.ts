import type { Belongs, Level } from './person.ts'

/** For how long after a proof a person counts as `confirmed`. */
export const confirmedSeconds = 10 * 60

/** Whether it is sure who it is: more is known than a document that somebody typed, which anybody may know. */
export function isSure(level: Level | undefined): boolean {
  return level === 'verified' || level === 'confirmed'
}

/** The level of somebody who proved a phone at `provedAt` (ms) and to whom it belongs in this way, at `now` (ms). */
export function levelOf(belongs: Belongs, provedAt: number | undefined, now: number): Level {
  if (belongs === 'declared' || provedAt === undefined) return 'declared'
  return now - provedAt < confirmedSeconds * 1000 ? 'confirmed' : 'verified'
}
