import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import type { Session } from '../../src/domain/sessions/session.ts'
import { frontServer } from '../../src/gateway/front.ts'
import { type Gateway, type GatewayNeeds, openGateway } from '../../src/gateway/gateway.ts'
import type { EndedSession } from '../../src/gateway/live-connections.ts'
import { trustedProxies } from '../../src/http/client-address.ts'
import { parseCookies } from '../../src/http/cookies.ts'
import type { Identity } from '../../src/http/credentials.ts'
import { referenceMaker } from '../../src/http/reference.ts'

/** A gateway with its front server, listening, and sessions that live in memory. */
export type GatewayHouse = {
  readonly port: number
  readonly gateway: Gateway
  readonly server: Server
  /** Sessions by the value of the cookie `portero` (or the bearer token) that opens them. */
  readonly sessions: Map<string, Session>
  readonly logged: { facts: object; text: string }[]
  /** Ends a session as sign-out does: it is gone, and whoever listens is told. */
  end(cookie: string): void
  close(): Promise<void>
}

export function sessionOf(n: number, person: Partial<Session['person']> = {}): Session {
  const digits = String(n).padStart(12, '0')
  return {
    id: `00000000-0000-4000-8000-${digits}`,
    person: {
      id: `11111111-0000-4000-8000-${digits}`,
      name: 'Ana Souza',
      role: 'user',
      groups: ['staff', 'a,b'],
      email: `p-${digits}@portero.invalid`,
      state: 'active',
      ...person,
    },
    phone: '+5511961234567' as PhoneNumber,
    startedAt: Date.now(),
    provedAt: Date.now(),
    amr: ['otp', 'sms'],
    idleEndsAt: Date.now() + 1e9,
    idleSeconds: 1e6,
    endsAt: Date.now() + 1e10,
    isShared: false,
    generation: 0,
    isGenerationSeen: false,
  }
}

export async function openGatewayHouse(
  needs: Partial<GatewayNeeds> & { isLocalOnly?: boolean; listenOn?: number } = {},
): Promise<GatewayHouse> {
  const sessions = new Map([['s1', sessionOf(1)]])
  const listeners = new Set<(ended: EndedSession) => void>()
  const logged: { facts: object; text: string }[] = []
  const line = (facts: object, text: string) => void logged.push({ facts, text })

  function identify(headers: IncomingHttpHeaders): Identity | undefined {
    const session = sessions.get(parseCookies(headers.cookie).get('portero') ?? '')
    if (session !== undefined) return { session, isTokenCookieDue: false, hasOwnBearer: false }
    const bearer = sessions.get(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '')
    return bearer && { session: bearer, isTokenCookieDue: false, hasOwnBearer: true }
  }

  const common = {
    log: { info: line, warn: line, error: line },
    newReference: referenceMaker((size) => randomBytes(size)),
  }
  const gateway = openGateway({
    ...common,
    identify,
    assertionFor: (session, level) => `signed.${session.person.id}.${level}`,
    freshTokenCookie: () => undefined,
    onSessionEnd: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    findSession: (id) => [...sessions.values()].find((session) => session.id === id),
    isSessionLive: (id) => [...sessions.values()].some((session) => session.id === id),
    upstream: undefined,
    publicUrl: undefined,
    allowedOrigins: [],
    trustedProxies: trustedProxies([]),
    publicPaths: [],
    errorPage: (page) => ({
      status: page === 'timeout' ? 504 : 502,
      headers: { 'content-type': 'text/html' },
      body: `<p>${page}`,
    }),
    now: Date.now,
    ...needs,
  })
  const server = frontServer({
    ...common,
    gateway,
    own: (req, res) => res.end(`own ${req.url}`),
    isLocalOnly: needs.isLocalOnly ?? false,
  })
  await new Promise<void>((done) => server.listen(needs.listenOn ?? 0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    gateway,
    server,
    sessions,
    logged,
    end(cookie) {
      const session = sessions.get(cookie)!
      sessions.delete(cookie)
      for (const listener of listeners) listener({ sessionId: session.id })
    },
    async close() {
      await gateway.close(0)
      await new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      })
    },
  }
}
