import type { Server } from 'node:http'
import type { SimulatorDelivery } from '../adapters/delivery/simulator.ts'
import { api } from '../api/api.ts'
import { openApiDocs } from '../api/openapi-docs.ts'
import { requireApiKey } from '../domain/access/require-api-key.ts'
import { recogniseForProgram } from '../domain/recognition/recognise-for-program.ts'
import { refreshSession } from '../domain/sessions/refresh-session.ts'
import { jwks } from '../domain/tokens/jwks.ts'
import { frontServer } from '../gateway/front.ts'
import { type Gateway, openGateway } from '../gateway/gateway.ts'
import { type OwnApp, openOwnApp } from '../http/own-app.ts'
import { tokenCookie } from '../http/session-cookies.ts'
import { appProblemPages } from '../pages/app-problem.ts'
import { simulatorPages } from '../pages/demo/simulator.ts'
import type { PagesNeeds } from '../pages/needs.ts'
import { pages } from '../pages/pages.ts'
import type { AppBehind } from './app-behind.ts'
import type { Chat } from './chat.ts'
import { registerWebhooks } from './chat-webhooks.ts'
import type { Portero } from './compose.ts'
import { pagesNeeds } from './pages-needs.ts'
import { type SharedNeeds, sharedNeeds } from './shared-needs.ts'

/** Every door of Portero behind one HTTP server that does not listen yet. */
export type Doors = {
  readonly server: Server
  /** Stops taking requests, lets those under way finish within `graceMs`, and closes what never ends. */
  close(graceMs: number): Promise<void>
}

type Behind = {
  /** The app behind, if there is one. */
  readonly app: AppBehind | undefined
  /** The phones of the demo. */
  readonly simulator: SimulatorDelivery | undefined
  /** The bot. */
  readonly chat: Chat
  readonly logo: { readonly contentType: string; readonly bytes: Buffer } | undefined
}

/** Opens the doors on what `compose` built: Portero's own paths in one application, the rest through the gateway. */
export async function openDoors(
  portero: Portero,
  { app: appBehind, simulator, chat, logo }: Behind,
): Promise<Doors> {
  const shared = sharedNeeds(portero)
  const forPages = pagesNeeds(portero, shared, { logo, app: appBehind })

  const app = openOwnApp(shared)
  await openApiDocs(app)
  registerApi(app, portero, shared, chat)
  registerWebhooks(app, portero, chat)
  registerPages(app, shared, forPages)
  if (simulator !== undefined) registerSimulator(app, forPages, simulator, chat)
  await app.ready()

  const gateway = gatewayTo(appBehind, portero, shared, forPages)
  const { demo, log } = portero
  const server = frontServer({
    log,
    newReference: shared.newReference,
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

function registerApi(app: OwnApp, portero: Portero, shared: SharedNeeds, chat: Chat): void {
  const { recognitionStore } = portero
  app.register(async (scope) => {
    api(scope, {
      ...shared,
      isDemo: portero.demo.on,
      isStrict: portero.demo.on,
      answerMessage: (message) => chat.answer(message),
      giveBackChats: (phone) => portero.requestStore.giveBack(phone),
      refreshSession: (token) => refreshSession(portero, token),
      apiKeyOf: (headers, scope) => requireApiKey(portero, headers.authorization, scope),
      recognise: (phone) => recogniseForProgram(portero, phone),
      linkPhone: (phone, personId, belongs) => recognitionStore.link(phone, personId, belongs, 'api'),
      forgetPhone: (phone, personId) =>
        recognitionStore.forget(phone, personId === undefined ? 'everybody' : { personId }, 'api'),
      touchPhone: (phone) => recognitionStore.touch(phone),
      readPerson: (personId) => recognitionStore.readPerson(personId),
      jwks: () => jwks(portero.keyring),
      isReady: () => isReady(portero),
    })
  })
}

function registerPages(app: OwnApp, shared: SharedNeeds, needs: PagesNeeds): void {
  app.register(async (scope) => {
    scope.addHook('onRequest', async (request) => shared.requireSafeTransport(request.raw))
    await pages(scope, needs)
  })
}

function registerSimulator(
  app: OwnApp,
  { settings, isSecure, originOf }: PagesNeeds,
  simulator: SimulatorDelivery,
  chat: Chat,
): void {
  const { demo, defaultLocale } = settings
  app.register(simulatorPages, {
    simulator,
    originOf,
    defaultRegion: settings.defaultRegion,
    write: (phone, { text, button }) => {
      const messageId = simulator.write(phone, text)
      return chat.receive([
        {
          chatKey: `simulator:${phone}`,
          ...{ channel: 'simulator', address: phone, phone, messageId, isProof: true },
          ...{ text: button ?? text, isButton: button !== undefined, profileName: undefined },
          at: undefined,
        },
      ])
    },
    brand: { ...settings.brand, logo: undefined },
    defaultLocale,
    demo,
    isSecure,
  })
}

function gatewayTo(
  app: AppBehind | undefined,
  portero: Portero,
  shared: SharedNeeds,
  { settings }: PagesNeeds,
): Gateway {
  const { config, log, now, sessionDirectory, accessTokens } = portero
  const { isSecure, newReference } = shared
  return openGateway({
    log,
    now,
    newReference,
    identify: shared.credentials.identify,
    assertionFor: portero.appAssertions.assertionFor,
    freshTokenCookie: ({ session, isTokenCookieDue }) =>
      isTokenCookieDue
        ? tokenCookie({ isSecure, now }, session, accessTokens.issue(session).token)
        : undefined,
    onSessionEnd: sessionDirectory.onRevoked,
    isSessionLive: sessionDirectory.isLive,
    findSession: sessionDirectory.find,
    upstream: app && { url: app.url, timeoutMs: config.upstream.timeout_ms },
    ...(app && { app: { known: app.known, answer: app.answer, apiKeyPaths: config.upstream.api_key_paths } }),
    publicUrl: portero.publicUrl,
    trustedProxies: shared.trustedProxies,
    publicPaths: config.upstream.public_paths,
    allowedOrigins: config.upstream.allowed_origins,
    errorPage: appProblemPages({ log, newReference, settings, hasSecureCookies: isSecure }),
  })
}

async function isReady({ database, sessionDirectory }: Portero): Promise<boolean> {
  if (database.isAway || !sessionDirectory.isHearing()) return false
  await database.rows('select 1', [])
  return true
}
