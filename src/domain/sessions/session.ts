import type { Person } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'

/** One signed-in browser or app, as kept in memory for the hot path. Times are epoch milliseconds. */
export type Session = {
  /** UUID. */
  readonly id: string
  readonly person: Person
  readonly phone: PhoneNumber
  readonly startedAt: number
  /** When the phone was last proved in this session; `auth_time` of tokens. */
  readonly provedAt: number
  /** RFC 8176 `otp`, plus every channel that accepted the code. */
  readonly amr: readonly string[]
  /** Ends by itself here unless used before; each use moves it to `idleSeconds` from then. */
  readonly idleEndsAt: number
  readonly idleSeconds: number
  /** Ends here however much it is used. */
  readonly endsAt: number
  /** On a shared computer: cookies of the browser session, short life, no device cookie. */
  readonly isShared: boolean
  /** Generation of the newest refresh token handed out. */
  readonly generation: number
  /** Whether a token of that newest generation has been seen. */
  readonly isGenerationSeen: boolean
}

/** What a person sees of their own sessions. */
export type SessionSummary = {
  readonly id: string
  readonly startedAt: Date
  readonly lastSeenAt: Date
  readonly address: string | undefined
  readonly userAgent: string | undefined
  readonly isShared: boolean
}
