import type { Session } from '../domain/sessions/session.ts'

/** Something under way between a client and the app behind: a request, an event stream, a websocket. */
export type LiveConnection = {
  /** Whose it is; undefined for a stranger on a public path. */
  readonly session: Session | undefined
  /** Whether it goes on until somebody ends it. */
  readonly isEndless: boolean
  /** Where it stands among the others, -1 while it does not. Written by `LiveConnections` alone. */
  place: number
  /** Ends it at once, telling the client why where there is a way to. */
  cut(reason: CutReason): void
  /** Called again and again; `nowMs` never goes back. */
  check(nowMs: number): void
}

export type CutReason = 'session_ended' | 'closing'

/** Which session has ended, or which person has changed, which may have ended all of theirs. */
export type EndedSession = { readonly sessionId?: string; readonly personId?: string }

export type LiveNeeds = {
  readonly now: () => number
  /** Whether a session may still be used, as far as is known without looking. */
  readonly isSessionLive: (sessionId: string) => boolean
  /** Looks a session up; undefined when it has ended. Throws or rejects when nobody can tell. */
  readonly findSession: (sessionId: string) => Session | undefined | Promise<Session | undefined>
  /** Hears of every session that ends, on any replica. Returns how to stop hearing. */
  readonly onSessionEnd: (listener: (ended: EndedSession) => void) => () => void
}

export type LiveConnections = {
  add(connection: LiveConnection): void
  delete(connection: LiveConnection): void
  /** How many are strangers' on public paths, without those that are exempt. */
  strangers(): number
  /** Counts a stranger's no longer: it has become endless, a stream that may last for hours. */
  exempt(connection: LiveConnection): void
  /** Cuts what is endless, lets the rest finish within `graceMs`, then cuts that too. */
  close(graceMs: number): Promise<void>
}

/** How often sessions are asked whether they are still alive: they can also run out by themselves. */
const sessionCheckMs = 1_000
/** How often at most a session is looked up for one connection, once it should be over by what the connection knows. */
const lookMs = 60_000
const drainCheckMs = 20

/** Keeps what is under way; ends at once what belongs to a session that ends. */
export function openLiveConnections(needs: LiveNeeds, checkEveryMs: number): LiveConnections {
  // No Set: each table that a Set outgrows holds on to the next one, so that once one of them is old, every request there
  // ever was survives the quick rounds of the garbage collector, at a third of the gateway's time.
  const connections: LiveConnection[] = []
  let strangers = 0
  /** What the last look found, where there was one. */
  const looks = new WeakMap<LiveConnection, { session: Session; atMs: number }>()
  let sessionsCheckedAt = 0

  const stopHearing = needs.onSessionEnd((ended) => {
    each((connection) => {
      const { session } = connection
      if (session === undefined) return
      if (session.id === ended.sessionId) connection.cut('session_ended')
      else if (session.person.id === ended.personId) {
        // What goes on for hours would go on as who the person was; what ends by itself only has to have been allowed.
        if (connection.isEndless) connection.cut('session_ended')
        else void cutUnlessLive(connection, session.id)
      }
    })
  })

  const timer = setInterval(check, Math.min(checkEveryMs, sessionCheckMs))
  timer.unref()

  function check(): void {
    const nowMs = performance.now()
    const mindsSessions = nowMs - sessionsCheckedAt >= sessionCheckMs
    if (mindsSessions) sessionsCheckedAt = nowMs
    each((connection) => {
      const { session } = connection
      if (mindsSessions && session !== undefined && !needs.isSessionLive(session.id))
        connection.cut('session_ended')
      else {
        if (mindsSessions && session !== undefined) lookWhenOver(connection, session, nowMs)
        connection.check(nowMs)
      }
    })
  }

  /** From the end: whoever leaves meanwhile is replaced by one that has had its turn. */
  function each(visit: (connection: LiveConnection) => void): void {
    for (let i = connections.length - 1; i >= 0; i--) {
      const connection = connections[i]
      if (connection !== undefined) visit(connection)
    }
  }

  /** A session that is used elsewhere goes on; one that has left memory is over when nobody finds it any more. */
  function lookWhenOver(connection: LiveConnection, first: Session, nowMs: number): void {
    const last = looks.get(connection)
    const { idleEndsAt, endsAt } = last?.session ?? first
    if (needs.now() < Math.min(idleEndsAt, endsAt)) return
    if (last !== undefined && nowMs - last.atMs < lookMs) return
    looks.set(connection, { session: last?.session ?? first, atMs: nowMs })
    void look(connection, first.id, nowMs)
  }

  async function look(connection: LiveConnection, sessionId: string, atMs: number): Promise<void> {
    let session: Session | undefined
    try {
      session = await needs.findSession(sessionId)
    } catch {
      // Nobody can tell now: the next look may.
      return
    }
    if (session !== undefined) looks.set(connection, { session, atMs })
    else if (connection.place !== -1) connection.cut('session_ended')
  }

  async function cutUnlessLive(connection: LiveConnection, sessionId: string): Promise<void> {
    let isLive = false
    try {
      isLive = (await needs.findSession(sessionId)) !== undefined
    } catch {
      // Closed when nobody can tell.
    }
    if (!isLive && connection.place !== -1) connection.cut('session_ended')
  }

  return {
    add(connection) {
      connection.place = connections.push(connection) - 1
      if (connection.session === undefined) strangers++
    },
    delete(connection) {
      const { place } = connection
      if (place === -1) return
      connection.place = -1
      const last = connections.pop()!
      if (last !== connection) {
        connections[place] = last
        last.place = place
      }
      if (connection.session === undefined && !connection.isEndless) strangers--
    },
    strangers: () => strangers,
    exempt(connection) {
      if (connection.place !== -1 && connection.session === undefined) strangers--
    },
    async close(graceMs) {
      stopHearing()
      each((connection) => {
        if (connection.isEndless) connection.cut('closing')
      })
      const end = performance.now() + graceMs
      while (connections.length > 0 && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, drainCheckMs))
      }
      clearInterval(timer)
      each((connection) => connection.cut('closing'))
    },
  }
}
