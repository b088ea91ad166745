import type { Log } from '../log.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import { settleAccount } from './settle-account.ts'
import type { UpstreamNeeds } from './upstream-needs.ts'

type Needs = UpstreamNeeds & {
  readonly sessionDirectory: Pick<SessionDirectory, 'onRevoked'>
  readonly log: Log
  readonly now: () => number
}

/** Keeps the accounts of the application in step with what is true here, in the background. */
export type AppSettler = {
  /** Settles the account of this person as soon as there is room. Never throws, never waits. */
  settleSoon(personId: string): void
  /** Looks for everything that is due and begins to settle it; to be called every few seconds. Rejects when the store is away. */
  settleDue(): Promise<void>
  /** Stops listening, and waits for what is under way. */
  close(): Promise<void>
}

const atOnceMax = 4
/** What ends together is looked for once. */
const bellMs = 30
/** Another process has it, and may have begun before the latest change. */
const heldMs = 1000
const awayMs = 5000
const dueCount = 200
/** All records are compared at the start, since nobody may have been listening, and now and then: what ran out by time is no news. */
const compareEveryMs = 3_600_000
const compareCount = 1000

/** Opens a settler that also wakes whenever the directory hears that sessions ended or a person changed. */
export function openAppSettler(needs: Needs): AppSettler {
  const { appAccountStore, log, now } = needs
  const urgent = new Set<string>()
  const waiting = new Set<string>()
  const underway = new Map<string, Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()
  let isClosed = false
  let since: string | undefined
  let seen = new Set<string>()
  let comparedAt = Number.NEGATIVE_INFINITY
  let isBellRung = false

  const later = (ms: number, work: () => void): void => {
    if (isClosed) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      work()
    }, ms)
    timers.add(timer.unref())
  }

  const settle = async (personId: string): Promise<void> => {
    try {
      if ((await settleAccount(needs, personId)) === 'held') later(heldMs, () => ask(personId, waiting))
    } catch (thrown) {
      // The store is away.
      later(awayMs, () => ask(personId, urgent))
      log.warn({ error: thrown instanceof Error ? thrown.name : 'unknown' }, 'an account was not settled')
    }
  }

  const fill = (): void => {
    for (const queue of [urgent, waiting]) {
      for (const personId of queue) {
        if (isClosed || underway.size >= atOnceMax) return
        if (underway.has(personId)) continue
        queue.delete(personId)
        const task = settle(personId).finally(() => {
          underway.delete(personId)
          fill()
        })
        underway.set(personId, task)
      }
    }
  }

  const ask = (personId: string, queue: Set<string>): void => {
    if (isClosed) return
    queue.add(personId)
    fill()
  }

  const hearNews = async (): Promise<void> => {
    const { news, next } = await appAccountStore.readNews(since)
    for (const { id, personId, isUrgent } of news) {
      if (!seen.has(id)) ask(personId, isUrgent ? urgent : waiting)
    }
    // The feed repeats what is near its edge.
    seen = new Set(news.map(({ id }) => id))
    since = next
  }

  const compareAll = async (): Promise<void> => {
    const startedAt = now()
    const { revokeAt, adminPhones } = needs.settings
    const by = { isEverySession: revokeAt === 'every_session', adminPhones }
    let after: string | undefined
    do {
      const { personIds, next } = await appAccountStore.listDiffering(by, after, compareCount)
      for (const personId of personIds) ask(personId, waiting)
      after = next
    } while (after !== undefined && !isClosed)
    comparedAt = startedAt
  }

  const look = oneAtATime(async () => {
    // News first: what happens while all are compared is not missed.
    await hearNews()
    if (now() - comparedAt >= compareEveryMs) await compareAll()
    for (const personId of await appAccountStore.listDue(dueCount)) ask(personId, waiting)
  })

  const stopListening = needs.sessionDirectory.onRevoked(() => {
    if (isBellRung) return
    isBellRung = true
    later(bellMs, () => {
      isBellRung = false
      // What fails now is looked for again by the next `settleDue`.
      void look().catch(() => {})
    })
  })

  return {
    settleSoon: (personId) => ask(personId, urgent),
    settleDue: look,
    async close() {
      isClosed = true
      stopListening()
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(underway.values())
      await look.idle()
    },
  }
}

/** Work that several ask for at once is done once more after what is under way, for all who asked meanwhile. */
function oneAtATime(work: () => Promise<void>): (() => Promise<void>) & { idle(): Promise<unknown> } {
  let current: Promise<void> | undefined
  let next: Promise<void> | undefined
  const start = (): Promise<void> => {
    current = work().finally(() => {
      current = undefined
    })
    return current
  }
  const ask = (): Promise<void> => {
    if (current === undefined) return start()
    next ??= current
      .catch(() => {})
      .then(() => {
        next = undefined
        return start()
      })
    return next
  }
  return Object.assign(ask, { idle: () => Promise.allSettled([current, next]) })
}
