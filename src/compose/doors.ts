import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http'
import type { SimulatorDelivery } from '../adapters/delivery/simulator.ts'
import { api } from '../api/api.ts'
import { openApiDocs } from '../api/openapi-docs.ts'
import type { Caller } from '../domain/access/caller.ts'
import { requireApiKey } from '../domain/access/require-api-key.ts'
import { parseNetworkFactor } from '../domain/otp/limits-config.ts'
import { requestCode } from '../domain/otp/request-code.ts'
import { verifyCode } from '../domain/otp/verify-code.ts'
import { nameSelf } from '../domain/people/name-self.ts'
import { endAllSessions, endSession } from '../domain/sessions/end-session.ts'
import { readSigninToken } from '../domain/sessions/read-signin-token.ts'
import { refreshSession } from '../domain/sessions/refresh-session.ts'
import type { Session } from '../domain/sessions/session.ts'
import { jwks } from '../domain/tokens/jwks.ts'
import { frontServer } from '../gateway/front.ts'
import { openGateway } from '../gateway/gateway.ts'
import { callerOf } from '../http/caller.ts'
import { clientAddress, trustedProxies } from '../http/client-address.ts'
import { cookieNames } from '../http/cookies.ts'
import { type Identity, openCredentials } from '../http/credentials.ts'
import { openOwnApp } from '../http/own-app.ts'
import { referenceMaker, requestReferences } from '../http/reference.ts'
import { requireSafeTransport } from '../http/safe-transport.ts'
import { sessionCookies, tokenCookie } from '../http/session-cookies.ts'
import { secretHash } from '../lib/random-secret.ts'
import { appProblemPages } from '../pages/app-problem.ts'
import { simulatorPages } from '../pages/demo/simulator.ts'
import type { PagesNeeds, PagesSettings } from '../pages/needs.ts'
import { pages } from '../pages/pages.ts'
import type { Portero } from './compose.ts'

/** What a demo, tried by one person over and over from one address, widens address budgets by. */
const demoBudgetFactor = 100

/** Every door of Portero behind one HTTP server that does not listen yet. */
export type Doors = {
  readonly server: Server
  /** Stops taking requests, lets those under way finish within `graceMs`, and closes what never ends. */
  close(graceMs: number): Promise<void>
}

type Behind = {
  /** The app behind, if there is one. */
  readonly upstreamUrl: URL | undefined
  /** The phones of the demo. */
  readonly simulator: SimulatorDelivery | undefined
  readonly logo: { readonly contentType: string; readonly bytes: Buffer } | undefined
}

/** Opens the doors on what `compose` built. */
export async function openDoors(portero: Portero, { upstreamUrl, simulator, logo }: Behind): Promise<Doors> {
  const { config, demo, log, now, keyring } = portero
  const isSecure = portero.publicUrl?.protocol === 'https:'
  const names = cookieNames(isSecure)
  const trusted = trustedProxies(config.listen.trusted_proxies)
  const newReference = referenceMaker(randomBytes)
  const referenceOf = requestReferences(newReference)
  const callers = {
    trustedProxies: trusted,
    networks: config.limits.networks.map((text) => parseNetworkFactor(text)!),
    budgetFactor: demo.on ? demoBudgetFactor : 1,
    cookieNames: names,
    referenceOf,
  }
  const cookieNeeds = { keyring, isSecure, now }
  const credentials = openCredentials({
    ...portero,
    cookieNames: names,
    onGenerationSeen: (session, generation) => {
      void portero.sessionStore.markGenerationSeen(session.id, generation).catch(() => {})
    },
  })

  const shared = {
    config,
    log,
    now,
    credentials,
    cookieNames: names,
    isSecure,
    newReference,
    referenceOf,
    requestCode: requestCode.bind(undefined, portero),
    verifyCode: verifyCode.bind(undefined, portero),
    listSessions: (personId: string) => portero.sessionStore.listSessions(personId),
    endSession: (by: { personId: string; sessionId: string }) => endSession(portero, by),
    endAllSessions: (personId: string) => endAllSessions(portero, personId),
    callerOf: (req: IncomingMessage, door: Caller['door'], apiKeyId?: string) =>
      callerOf(callers, req, door, apiKeyId),
    sessionCookies: (session: Session, accessToken: string) =>
      sessionCookies(cookieNeeds, session, accessToken),
    ownOrigins: (req: IncomingMessage): readonly string[] => {
      if (portero.publicUrl !== undefined) return [portero.publicUrl.origin]
      const { scheme, host } = clientAddress(req, trusted)
      return [`${scheme}://${host}`]
    },
    requireSafeTransport: (req: IncomingMessage): void => {
      if (!demo.on && !config.listen.insecure) requireSafeTransport(clientAddress(req, trusted))
    },
  }

  const pagesNeeds: PagesNeeds = {
    ...shared,
    settings: pagesSettings(portero, logo),
    identify: credentials.identify,
    readChallenge: ({ challengeId, secret }) =>
      portero.challengeStore.readChallenge(challengeId, secretHash(secret)),
    issueAccessToken: portero.accessTokens.issue,
    readSigninToken: (token) => readSigninToken(portero, token),
    endAllSessions: async (personId) => {
      await endAllSessions(portero, personId)
    },
    nameSelf: (personId, name) => nameSelf(portero, personId, name),
    forgetDevice: (token) => portero.sessionStore.forgetDevice(secretHash(token)),
    callerOf: (req) => shared.callerOf(req, 'pages'),
    originOf: (req) => shared.ownOrigins(req)[0]!,
    isSecure: () => isSecure,
  }

  const app = openOwnApp(shared)
  await openApiDocs(app)
  app.register(async (scope) => {
    api(scope, {
      ...shared,
      isStrict: demo.on,
      refreshSession: (token: string) => refreshSession(portero, token),
      apiKeyOf: (headers: IncomingHttpHeaders, scope: 'otp') =>
        requireApiKey(portero, headers.authorization, scope),
      jwks: () => jwks(keyring),
      isReady: () => isReady(portero),
    })
  })
  app.register(async (scope) => {
    scope.addHook('onRequest', async (request) => shared.requireSafeTransport(request.raw))
    await pages(scope, pagesNeeds)
  })
  if (simulator !== undefined) {
    app.register(simulatorPages, {
      simulator,
      brand: { ...pagesNeeds.settings.brand, logo: undefined },
      defaultLocale: pagesNeeds.settings.defaultLocale,
      demo,
      isSecure: () => isSecure,
    })
  }

  await app.ready()

  const gateway = openGateway({
    log,
    now,
    newReference,
    identify: credentials.identify,
    assertionFor: portero.appAssertions.assertionFor,
    freshTokenCookie: (identity: Identity) =>
      identity.isTokenCookieDue
        ? tokenCookie(cookieNeeds, identity.session, portero.accessTokens.issue(identity.session).token)
        : undefined,
    onSessionEnd: portero.sessionDirectory.onRevoked,
    isSessionLive: portero.sessionDirectory.isLive,
    upstream: upstreamUrl && { url: upstreamUrl, timeoutMs: config.upstream.timeout_ms },
    publicUrl: portero.publicUrl,
    trustedProxies: trusted,
    publicPaths: config.upstream.public_paths,
    allowedOrigins: config.upstream.allowed_origins,
    errorPage: appProblemPages({
      log,
      newReference,
      settings: pagesNeeds.settings,
      hasSecureCookies: isSecure,
    }),
  })
  const server = frontServer({
    log,
    newReference,
    gateway,
    own: (req, res) => app.routing(req, res),
    isLocalOnly: demo.on && !demo.asked,
  })

  return {
    server,
    async close(graceMs) {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      await gateway.close(graceMs)
      server.closeIdleConnections()
      const overdue = setTimeout(() => server.closeAllConnections(), 1000)
      await closed
      clearTimeout(overdue)
      await app.close()
    },
  }
}

function pagesSettings({ config, deliver, demo }: Portero, logo: Behind['logo']): PagesSettings {
  return {
    brand: {
      name: config.pages.name,
      color: config.pages.color,
      contact: config.pages.contact,
      privacyUrl: config.privacy_url,
    },
    logo,
    defaultLocale: config.pages.default_locale,
    defaultRegion: config.phone.default_region,
    allowedRegions: config.phone.allowed_regions,
    channels: deliver.channels,
    admission: config.people.admission,
    triesMax: config.otp.tries,
    deviceDays: config.sessions.device_days,
    demo,
  }
}

async function isReady(portero: Portero): Promise<boolean> {
  if (portero.database.isAway || !portero.sessionDirectory.isHearing()) return false
  await portero.database.rows('select 1', [])
  return true
}
