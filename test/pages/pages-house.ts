import { randomUUID } from 'node:crypto'
import { type SimulatorDelivery, simulatorDelivery } from '../../src/adapters/delivery/simulator.ts'
import { Refusal, type RefusalCode, type RefusalFacts } from '../../src/domain/errors.ts'
import { silentLog } from '../../src/domain/log.ts'
import type { ChallengeView } from '../../src/domain/otp/challenge-store.ts'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import type { Session } from '../../src/domain/sessions/session.ts'
import type { OtherPerson } from '../../src/domain/sessions/session-store.ts'
import { parseCookies, serializeCookie } from '../../src/http/cookies.ts'
import { openOwnApp } from '../../src/http/own-app.ts'
import type { PagesNeeds, PagesSettings } from '../../src/pages/needs.ts'
import { pages } from '../../src/pages/pages.ts'
import { sampleBrand } from './gallery.ts'

type Kept = Omit<ChallengeView, 'state'> & { state: ChallengeView['state']; secret: string; code: string }

/** The pages in front of a household that lives in memory: its rules are the real ones' outlines, without a database. */
export type PagesHouse = {
  readonly app: ReturnType<typeof openOwnApp>
  readonly simulator: SimulatorDelivery
  readonly sessions: Map<string, Session>
  readonly calls: string[]
  /** The next call of this name is refused. */
  refuseNext(
    call: 'requestCode' | 'verifyCode' | 'endSession' | 'identify' | 'enterApp' | 'switchPerson',
    code: RefusalCode,
    facts?: RefusalFacts,
  ): void
  /** The next call of this name runs into a bug. */
  breakNext(call: 'identify', error: Error): void
  /** Time passes. */
  pass(seconds: number): void
  /** A session that was opened elsewhere, and a sign-in token for it. */
  openElsewhere(name: string, phone: PhoneNumber): { session: Session; token: string }
  /** A newcomer's first sign-in, without a name. */
  isNewcomer: boolean
  /** Everybody on the phone that signs in, the last used first, where that is more than one. */
  family: readonly OtherPerson[]
  /** The cookie of the app behind, where that has sessions of its own. */
  appCookie: string | undefined
  /** A sign-out ticket as the app's page gets one. */
  ticketFor(session: Session): string
}

export function openPagesHouse(
  settings: Partial<PagesSettings> = {},
  origin = 'http://localhost',
): PagesHouse {
  let now = Date.UTC(2026, 10, 22, 12)
  const refusals = new Map<string, Error>()
  const challenges = new Map<string, Kept & { sentAt: number }>()
  const sessions = new Map<string, Session>()
  const tokens = new Map<string, string>()
  const tickets = new Map<string, string>()
  const calls: string[] = []
  const simulator = simulatorDelivery({ now: () => now })

  const called = (name: string, facts: unknown = '') => {
    calls.push(`${name} ${JSON.stringify(facts)}`)
    const refusal = refusals.get(name)
    refusals.delete(name)
    if (refusal !== undefined) throw refusal
  }

  const othersThan = ({ person }: Session) => house.family.filter(({ id }) => id !== person.id)

  const openSession = (
    name: string | undefined,
    phone: PhoneNumber,
    isShared: boolean,
    personId: string = randomUUID(),
  ): Session => {
    const session: Session = {
      id: randomUUID(),
      person: {
        id: personId,
        name,
        role: undefined,
        groups: [],
        email: 'p@portero.invalid',
        state: 'active',
      },
      phone,
      startedAt: now,
      provedAt: now,
      amr: ['otp', 'sms'],
      idleEndsAt: now + 1e9,
      idleSeconds: 1e6,
      endsAt: now + 1e10,
      isShared,
      generation: 0,
      isGenerationSeen: false,
    }
    sessions.set(session.id, session)
    return session
  }

  const view = (kept: Kept & { sentAt: number }): ChallengeView => {
    const age = (now - kept.sentAt) / 1000
    const state = kept.state === 'live' && age > 300 ? 'expired' : kept.state
    return { ...kept, state, expiresInSeconds: 300 - age, resendInSeconds: Math.max(0, 30 - age) }
  }

  const house: PagesHouse = {
    app: openOwnApp({ log: silentLog, referenceOf: () => 'K7QF2M9A' }),
    simulator,
    sessions,
    calls,
    refuseNext: (call, code, facts) => refusals.set(call, new Refusal(code, facts)),
    breakNext: (call, error) => refusals.set(call, error),
    pass(seconds) {
      now += seconds * 1000
    },
    openElsewhere(name, phone) {
      const session = openSession(name, phone, false)
      const token = `elsewhere.${session.id}`
      tokens.set(token, session.id)
      return { session, token }
    },
    isNewcomer: false,
    family: [],
    appCookie: undefined,
    ticketFor(session) {
      const ticket = `ticket.${session.id}`
      tickets.set(ticket, session.id)
      return ticket
    },
  }

  const needs: PagesNeeds = {
    log: silentLog,
    referenceOf: () => 'K7QF2M9A',
    settings: {
      brand: sampleBrand,
      logo: undefined,
      defaultLocale: 'es',
      defaultRegion: 'AR',
      allowedRegions: ['AR', 'BR', 'UY'],
      channels: ['whatsapp', 'sms'],
      admission: 'open',
      triesMax: 5,
      deviceDays: 180,
      demo: { on: false, asked: false },
      ...settings,
    },
    async requestCode(request) {
      called('requestCode', { phone: request.phone, channel: request.channel, hold: request.hold })
      const held = request.holds && challenges.get(request.holds.challengeId)
      const channel = request.channel ?? 'whatsapp'
      if (held && held.phone === request.phone && view(held).state === 'live') {
        const { resendInSeconds } = view(held)
        const isSent = resendInSeconds === 0
        if (isSent) Object.assign(held, { sentAt: now, channel })
        if (isSent) await simulator.send(message(held), AbortSignal.timeout(1000))
        return { ...told(held), isSent, holdSecret: undefined }
      }
      const code = String(Math.floor(Math.random() * 1e6)).padStart(6, '0')
      const made = {
        ...{
          id: randomUUID(),
          secret: randomUUID(),
          phone: request.phone,
          channel,
          digits: 6 as const,
          code,
          isInbound: false,
        },
        ...{ state: 'live' as const, triesLeft: 5, expiresInSeconds: 300, resendInSeconds: 30, sentAt: now },
      }
      challenges.set(made.id, made)
      await simulator.send(message(made), AbortSignal.timeout(1000))
      return { ...told(made), isSent: true, holdSecret: made.secret }
    },
    async readChallenge({ challengeId, secret }) {
      const kept = challenges.get(challengeId)
      return kept?.secret === secret ? view(kept) : undefined
    },
    async verifyCode(answer) {
      called('verifyCode', { isShared: answer.isShared, replaces: answer.replacesSessionId !== undefined })
      const kept = challenges.get(answer.challengeId ?? '')
      if (!kept || kept.secret !== answer.holdSecret || view(kept).state !== 'live')
        throw new Refusal('invalid_code')
      if (kept.code !== answer.code) {
        const triesLeft = kept.triesLeft - 1
        Object.assign(kept, { triesLeft, state: triesLeft === 0 ? 'exhausted' : 'live' })
        throw new Refusal('invalid_code')
      }
      Object.assign(kept, { state: 'used' })
      if (answer.replacesSessionId !== undefined) sessions.delete(answer.replacesSessionId)
      const who = house.family[0] ?? { name: house.isNewcomer ? undefined : 'Ana Souza', id: randomUUID() }
      const session = openSession(who.name, kept.phone, answer.isShared, who.id)
      const { isNewcomer } = house
      const deviceToken = answer.isShared ? undefined : `device-${session.id}`
      return {
        session,
        accessToken: 'jwt',
        expiresInSeconds: 900,
        refreshToken: 'r',
        others: othersThan(session),
        isNewcomer,
        deviceToken,
      }
    },
    whatsapp: undefined,
    readLink: async () => undefined,
    redeemLink: () => Promise.reject(new Refusal('invalid_token')),
    identify(headers) {
      called('identify')
      const session = sessions.get(parseCookies(headers.cookie).get('portero') ?? '')
      return session && { session, isTokenCookieDue: false, hasOwnBearer: false }
    },
    sessionCookies: (session, accessToken) => [
      serializeCookie('portero', session.id, {
        maxAgeSeconds: session.isShared ? undefined : 3600,
        isSecure: false,
      }),
      serializeCookie('x-auth-phone', accessToken, { maxAgeSeconds: undefined, isSecure: false }),
    ],
    issueAccessToken: () => ({ token: 'jwt' }),
    readSigninToken: async (token) => sessions.get(tokens.get(token) ?? ''),
    listSessions: async (personId) =>
      [...sessions.values()]
        .filter(({ person }) => person.id === personId)
        .map(({ id, startedAt, isShared }) => ({
          ...{ id, isShared, startedAt: new Date(startedAt), lastSeenAt: new Date(startedAt) },
          ...{ address: '127.0.0.1', userAgent: 'curl/8' },
        })),
    async endSession(by) {
      called('endSession')
      if (!sessions.delete(by.sessionId)) throw new Refusal('session_not_found')
    },
    async endAllSessions(personId) {
      for (const [id, { person }] of sessions) if (person.id === personId) sessions.delete(id)
    },
    async listOthers(sessionId) {
      return othersThan(sessions.get(sessionId)!)
    },
    async switchPerson({ sessionId, personId }) {
      called('switchPerson', { personId })
      const old = sessions.get(sessionId)
      if (old === undefined) throw new Refusal('session_not_found')
      const who = othersThan(old).find(({ id }) => id === personId)
      if (who === undefined) throw new Refusal('person_not_here')
      sessions.delete(sessionId)
      const session = openSession(who.name, old.phone, old.isShared, who.id)
      const others = othersThan(session)
      return { session, accessToken: 'jwt', expiresInSeconds: 900, refreshToken: 'r', others }
    },
    async nameSelf(personId, name) {
      if (!/\p{L}/u.test(name)) throw new Refusal('invalid_name')
      for (const [id, session] of sessions) {
        if (session.person.id === personId)
          sessions.set(id, { ...session, person: { ...session.person, name } })
      }
    },
    forgetDevice: async (token) => called('forgetDevice', token),
    app: {
      sessionCookie: () => house.appCookie,
      async enter(session) {
        called('enterApp', { personId: session.person.id })
        return {
          accountId: `account-of-${session.person.id}`,
          role: 'user',
          cookies: ['app_session=new; Path=/; HttpOnly'],
          storage: { token: `token-of-${session.person.id}` },
          answer: '{}',
          ...{ token: `token-of-${session.person.id}`, endsAt: undefined },
        }
      },
    },
    readSignOutTicket: (ticket) => tickets.get(ticket),
    callerOf: (req) => ({
      ...{ address: '127.0.0.1', addressKey: '127.0.0.1', networkKey: undefined, budgetFactor: 1, port: 1 },
      ...{ userAgent: req.headers['user-agent'], door: 'pages', reference: 'K7QF2M9A' },
      ...{ apiKeyId: undefined, deviceToken: undefined },
    }),
    originOf: (req) => (origin === '' ? `http://${req.headers.host}` : origin),
    isSecure: () => false,
    now: () => now,
  }
  house.app.register(pages, needs)
  return house

  function told(kept: Kept & { sentAt: number }) {
    const { id, phone, channel, digits, expiresInSeconds, resendInSeconds } = { ...kept, ...view(kept) }
    return { challengeId: id, phone, channel, digits, expiresInSeconds, resendInSeconds, code: undefined }
  }

  function message({ id, phone, channel, code }: Kept) {
    return {
      ref: id,
      to: phone,
      channel,
      text: `Código ${code}`,
      code,
      locale: 'es' as const,
      ttlSeconds: 300,
    }
  }
}
