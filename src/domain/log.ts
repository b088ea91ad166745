/** One line of the log: facts first, then a sentence. Facts never hold a secret, a code, or a full phone number. */
export type LogLine = (facts: object, text: string) => void

/** What code may say about what it does. A pino logger is one. */
export interface Log {
  info: LogLine
  warn: LogLine
  error: LogLine
}

/** The same log without what only says that all is well. */
export function warningsOf(log: Log): Log {
  return {
    info: () => {},
    warn: (facts, text) => log.warn(facts, text),
    error: (facts, text) => log.error(facts, text),
  }
}

/** A log that says nothing. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }
