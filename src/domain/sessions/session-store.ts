import type { Caller } from '../access/caller.ts'
import type { Session, SessionSummary } from './session.ts'

/** That a session ended, or that a person changed, which may have ended all of theirs; one who is only renamed stays in. */
export type Revocation =
  | { readonly sessionId: string }
  | { readonly personId: string; readonly isRenamed?: boolean }

export type RefreshOutcome =
  | { readonly outcome: 'refreshed'; readonly session: Session }
  | { readonly outcome: 'gone' | 'reused' }

/** Somebody else who may be chosen on the phone of a session. */
export type OtherPerson = { readonly id: string; readonly name: string | undefined }

/** That a session is to become one of another person of its phone. */
export type PersonSwitch = {
  readonly sessionId: string
  readonly personId: string
  /** Links that nobody used for longer open nobody. */
  readonly idleLinkDays: number
  /** How many sessions the other person can have at once; the oldest above it end. */
  readonly sessionsMax: number
  readonly caller: Caller
}

export type SwitchOutcome =
  | {
      readonly outcome: 'switched'
      readonly session: Session
      readonly others: readonly OtherPerson[]
    }
  /** The session lives no more; nobody to be chosen here; an administrator, and the proof is older than their sessions live. */
  | { readonly outcome: 'gone' | 'not_here' | 'proof_too_old' }

/** Where sessions live. What is read is alive: a session that ended, ran out, or belongs to somebody who may not come in, is not there. */
export interface SessionStore {
  readSession(id: string): Promise<Session | undefined>
  listSessions(personId: string): Promise<readonly SessionSummary[]>
  /** Moves the idle end of a living session on, and with it the last use of the link and the bot's memory, in one round trip. */
  touchSession(id: string): Promise<void>
  /** Ends one session of this person; true only for the one caller that ended it. */
  endSession(by: { sessionId: string; personId: string }, why: string): Promise<boolean>
  /** Who else may be chosen on the phone of a living session: attested, active, and used within `idleLinkDays`; the last used first. */
  listOthers(sessionId: string, idleLinkDays: number): Promise<readonly OtherPerson[]>
  /**
   * Ends a session and starts one of another person whom `listOthers` names, on the same proof and device: no longer life
   * than the old one had, no higher level. Of many who switch one session at once, one did, whomever they chose.
   */
  switchPerson(request: PersonSwitch): Promise<SwitchOutcome>
  /** Ends all sessions of a person and answers their ids. */
  endSessions(personId: string, why: string): Promise<readonly string[]>
  /**
   * Spends a refresh token of this generation. However many present the same one at once, the session moves by one
   * generation and all get that same one, within `replaySeconds`, or within `lostSeconds` while nothing of the new
   * generation has been seen. `reused` has ended the session.
   */
  refreshSession(
    id: string,
    generation: number,
    replaySeconds: number,
    lostSeconds: number,
  ): Promise<RefreshOutcome>
  /** Notes that a token of this generation was used, so that the one before it is spent for good. */
  markGenerationSeen(id: string, generation: number): Promise<void>
  /**
   * What was revoked by transactions that the reader had not seen when it got `since`; some of it may come twice, nothing is
   * left out. The first reading (undefined) tells where to go on from and nothing else.
   */
  readRevocations(
    since: string | undefined,
  ): Promise<{ revocations: readonly (Revocation & { readonly id: string })[]; next: string }>
  /** Makes the browser of this secret unknown for every phone. */
  forgetDevice(secretHash: Buffer): Promise<void>
}
