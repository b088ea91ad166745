import { openTurns, type Turns } from '../../lib/turns.ts'
import type { Locale } from '../locale.ts'
import type { Log, LogLine } from '../log.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { AppAccountStore } from './app-account-store.ts'
import type { AppAccounts } from './app-accounts.ts'

/** How the accounts of the application are kept. */
export type AppSettings = {
  /** Phones whose people are administrators there. */
  readonly adminPhones: readonly PhoneNumber[]
  readonly createGroups: boolean
  readonly revokeAt: 'last_session' | 'every_session'
  /** Language of the name that somebody without one is shown under. */
  readonly locale: Locale
}

/** What everything that keeps accounts in step shares. */
export type UpstreamNeeds = {
  readonly appAccounts: AppAccounts
  readonly appAccountStore: AppAccountStore
  readonly settings: AppSettings
  /** One at a time for each person, within this process. */
  readonly inTurn: Turns
  /** A warning that is said once an hour at the most for each `kind`. */
  readonly warnOf: (kind: string, ...line: Parameters<LogLine>) => void
}

type Options = {
  appAccounts: AppAccounts
  appAccountStore: AppAccountStore
  settings: AppSettings
  log: Log
  now: () => number
}

const warnEveryMs = 3_600_000

/** Opened once for a process: `enterApp`, `settleAccount` and `openAppSettler` share it. */
export function openUpstreamNeeds({ log, now, ...rest }: Options): UpstreamNeeds {
  const warnedAt = new Map<string, number>()
  return {
    ...rest,
    inTurn: openTurns(),
    warnOf(kind, facts, text) {
      const ms = now()
      if (ms - (warnedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < warnEveryMs) return
      warnedAt.set(kind, ms)
      log.warn(facts, text)
    },
  }
}
