import { Refusal } from '../errors.ts'
import type { Session } from './session.ts'
import type { Revocation, SessionStore } from './session-store.ts'

/** The living sessions that this process has met, so that a request costs no round trip. */
export type SessionDirectory = {
  /**
   * The living session of this id, at once where it is known here; undefined when there is none. Throws or rejects with
   * `revocations_unknown` when what ended elsewhere has not been heard for too long, `database_unavailable` when it cannot look.
   */
  find(id: string): Session | undefined | Promise<Session | undefined>
  /** Whether a session that was found before may still be used, without looking anywhere. */
  isLive(id: string): boolean
  /** Where the news of revocations stands; to be asked before reading a session that is to be remembered. */
  mark(): number
  /** Keeps a session that was read after `mark`, unless something was revoked since: then the next `find` reads it again. */
  remember(session: Session, mark: number): void
  /** Forgets what ended, here and at once, and tells the listeners. */
  revoke(revocation: Revocation): void
  /** Hears of everything that may end a session; answers how to stop. */
  onRevoked(listener: (revocation: Revocation) => void): () => void
  /** Whether what ended elsewhere has been heard lately, so that sessions in memory can be believed. */
  isHearing(): boolean
  /** Says that everything revoked up to now is known here. */
  heardRevocations(): void
}

type Options = {
  sessionStore: Pick<SessionStore, 'readSession' | 'touchSession'>
  now: () => number
  /** How old the last hearing may be; beyond it nobody is let in. */
  deafAfterMs: number
}

/** `isStale`: what it says of the person is to be read again before the next use. */
type Entry = { session: Session; usedAt: number; isStale: boolean }

const entriesMax = 50_000

/** News that were missed for longer may have been swept away: what is in memory cannot be told from what has ended. */
const forgetAfterMs = 600_000

/** Opens an empty directory. */
export function openSessionDirectory({ sessionStore, now, deafAfterMs }: Options): SessionDirectory {
  const entries = new Map<string, Entry>()
  const ended = new Map<string, number>()
  const loading = new Map<string, Promise<Session | undefined>>()
  const listeners = new Set<(revocation: Revocation) => void>()
  let heardAt = now()
  const isDeaf = (ms: number): boolean => ms - heardAt > deafAfterMs
  // Moves with each revocation: a row read before it must not be kept after it.
  let epoch = 0

  const keep = (session: Session): Entry => {
    if (entries.size >= entriesMax) entries.delete(entries.keys().next().value!)
    const entry = { session, usedAt: session.idleEndsAt - session.idleSeconds * 1000, isStale: false }
    entries.set(session.id, entry)
    return entry
  }
  const noteEnded = (id: string): void => {
    if (ended.size >= entriesMax) ended.delete(ended.keys().next().value!)
    ended.set(id, now())
  }
  const load = async (id: string): Promise<Session | undefined> => {
    for (;;) {
      const before = epoch
      const session = await sessionStore.readSession(id)
      if (before !== epoch) continue
      if (session === undefined) {
        noteEnded(id)
        return undefined
      }
      return use(keep(session), now())
    }
  }
  const isWithinLife = (session: Session, ms: number): boolean =>
    ms < session.idleEndsAt && ms < session.endsAt
  // Written at most hourly, or ten times in the life of a short session; a write that fails is made up for by the next.
  const use = (entry: Entry, ms: number): Session => {
    const { session } = entry
    const idleMs = session.idleSeconds * 1000
    if (ms - entry.usedAt > Math.min(3_600_000, idleMs / 10)) {
      entry.usedAt = ms
      entry.session = { ...session, idleEndsAt: Math.min(ms + idleMs, session.endsAt) }
      void sessionStore.touchSession(session.id).catch(() => {})
    }
    return entry.session
  }

  return {
    find(id) {
      const ms = now()
      if (isDeaf(ms)) throw new Refusal('revocations_unknown', { retryAfterSeconds: 2 })
      const entry = entries.get(id)
      if (entry !== undefined && !entry.isStale && isWithinLife(entry.session, ms)) return use(entry, ms)
      // Idle here; another replica may have seen it since.
      entries.delete(id)
      if (ended.has(id)) return undefined
      let task = loading.get(id)
      if (task === undefined) {
        task = load(id).finally(() => loading.delete(id))
        loading.set(id, task)
      }
      return task
    },
    isLive(id) {
      const entry = entries.get(id)
      return entry === undefined ? !ended.has(id) : isWithinLife(entry.session, now())
    },
    mark: () => epoch,
    remember(session, mark) {
      if (mark === epoch && !ended.has(session.id)) keep(session)
    },
    revoke(revocation) {
      epoch += 1
      if ('sessionId' in revocation) {
        entries.delete(revocation.sessionId)
        noteEnded(revocation.sessionId)
      } else {
        for (const [id, entry] of entries) {
          if (entry.session.person.id !== revocation.personId) continue
          if (revocation.isRenamed) entry.isStale = true
          else entries.delete(id)
        }
        if (revocation.isRenamed) return
      }
      for (const listener of listeners) listener(revocation)
    },
    onRevoked(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isHearing: () => !isDeaf(now()),
    heardRevocations() {
      const ms = now()
      if (ms - heardAt > forgetAfterMs) {
        epoch += 1
        entries.clear()
      }
      heardAt = ms
    },
  }
}
