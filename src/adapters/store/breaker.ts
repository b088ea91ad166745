import { Refusal } from '../../domain/errors.ts'
import type { Log } from '../../domain/log.ts'

const probeEveryMs = 500

/** What stands between the store and a database that may be away. */
export type Breaker = {
  /** Runs the work; refuses with `database_unavailable` at once while the database is known to be away. */
  run<T>(work: () => Promise<T>): Promise<T>
  readonly isOpen: boolean
  close(): void
}

/**
 * Turns the loss of the database into one refusal, and asks `probe` twice a second until it is back, so that callers in
 * between are answered within a millisecond instead of waiting for a connection.
 */
export function openBreaker(options: { probe: () => Promise<void>; log: Log }): Breaker {
  let isOpen = false
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  const probe = async (): Promise<void> => {
    try {
      await options.probe()
      isOpen = false
      options.log.warn({}, 'the database is back')
    } catch {
      schedule()
    }
  }
  const schedule = (): void => {
    if (isClosed) return
    timer = setTimeout(probe, probeEveryMs)
    timer.unref()
  }
  const trip = (thrown: unknown): void => {
    if (isOpen) return
    isOpen = true
    options.log.error({ reason: reasonOf(thrown) }, 'the database does not answer')
    schedule()
  }

  return {
    async run(work) {
      if (isOpen) throw new Refusal('database_unavailable', { retryAfterSeconds: 2 })
      try {
        return await work()
      } catch (thrown) {
        if (!isOverdueStatement(thrown) && !isQueueTooLong(thrown)) {
          if (!isLossOfDatabase(thrown)) throw thrown
          trip(thrown)
        }
        throw new Refusal('database_unavailable', { retryAfterSeconds: 2 }, thrown)
      }
    },
    get isOpen() {
      return isOpen
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

const lossOfConnection = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions, shutdowns, no more connections, idle too long. */
const lossInServer = /^(08...|57P0[123]|53300|25P0[23])$/

/** A statement that waited too long for a lock, say. The server told us so: it is not away, and others need not be refused. */
function isOverdueStatement(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown } | undefined)?.code
  return code === '57014' || code === '55P03'
}

function isLossOfDatabase(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const code = (thrown as { code?: unknown }).code
  if (typeof code === 'string' && (lossOfConnection.has(code) || lossInServer.test(code))) return true
  return /timeout|timed out|Connection terminated|connection is closed|not queryable/i.test(thrown.message)
}

/** pg-pool says this to whoever waited for a connection in vain: the database answers, and there is more to do than it can. */
function isQueueTooLong(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === 'timeout exceeded when trying to connect'
}

/** Only the code: an error of the driver carries the whole client, its password included. */
function reasonOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown }).code
  return typeof code === 'string' ? code : thrown instanceof Error ? thrown.message.slice(0, 80) : 'unknown'
}
