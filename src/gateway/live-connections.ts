import type { Session } from '../domain/sessions/session.ts'

/** Something under way between a client and the app behind: a request, an event stream, a websocket. */
export type LiveConnection = {
  /** Whose it is; undefined for a stranger on a public path. */
  readonly session: Session | undefined
  /** Whether it goes on until somebody ends it. */
  readonly isEndless: boolean
  /** Ends it at once, telling the client why where there is a way to. */
  cut(reason: CutReason): void
  /** Called again and again; `nowMs` never goes back. */
  check(nowMs: number): void
}

export type CutReason = 'session_ended' | 'closing'

/** Which sessions have ended; both fields, one, or the person for all of theirs. */
export type EndedSession = { readonly sessionId?: string; readonly personId?: string }

export type LiveNeeds = {
  readonly isSessionLive: (sessionId: string) => boolean
  /** Hears of every session that ends, on any replica. Returns how to stop hearing. */
  readonly onSessionEnd: (listener: (ended: EndedSession) => void) => () => void
}

export type LiveConnections = {
  add(connection: LiveConnection): void
  delete(connection: LiveConnection): void
  /** Cuts what is endless, lets the rest finish within `graceMs`, then cuts that too. */
  close(graceMs: number): Promise<void>
}

/** How often sessions are asked whether they are still alive: they can also run out by themselves. */
const sessionCheckMs = 1_000
const drainCheckMs = 20

/** Keeps what is under way; ends at once what belongs to a session that ends. */
export function openLiveConnections(needs: LiveNeeds, checkEveryMs: number): LiveConnections {
  const connections = new Set<LiveConnection>()
  let sessionsCheckedAt = 0

  const stopHearing = needs.onSessionEnd((ended) => {
    for (const connection of connections) {
      const { session } = connection
      if (session === undefined) continue
      if (session.id === ended.sessionId || session.person.id === ended.personId)
        connection.cut('session_ended')
    }
  })

  const timer = setInterval(check, Math.min(checkEveryMs, sessionCheckMs))
  timer.unref()

  function check(): void {
    const nowMs = performance.now()
    const mindsSessions = nowMs - sessionsCheckedAt >= sessionCheckMs
    if (mindsSessions) sessionsCheckedAt = nowMs
    for (const connection of connections) {
      const { session } = connection
      if (mindsSessions && session !== undefined && !needs.isSessionLive(session.id))
        connection.cut('session_ended')
      else connection.check(nowMs)
    }
  }

  return {
    add: (connection) => void connections.add(connection),
    delete: (connection) => void connections.delete(connection),
    async close(graceMs) {
      stopHearing()
      for (const connection of connections) if (connection.isEndless) connection.cut('closing')
      const end = performance.now() + graceMs
      while (connections.size > 0 && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, drainCheckMs))
      }
      clearInterval(timer)
      for (const connection of connections) connection.cut('closing')
    },
  }
}
