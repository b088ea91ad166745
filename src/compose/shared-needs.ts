import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Caller } from '../domain/access/caller.ts'
import { parseNetworkFactor } from '../domain/otp/limits-config.ts'
import { requestCode } from '../domain/otp/request-code.ts'
import { verifyCode } from '../domain/otp/verify-code.ts'
import { endAllSessions, endSession } from '../domain/sessions/end-session.ts'
import type { Session } from '../domain/sessions/session.ts'
import { switchPerson } from '../domain/sessions/switch-person.ts'
import { callerOf } from '../http/caller.ts'
import { clientAddress, trustedProxies } from '../http/client-address.ts'
import { cookieNames } from '../http/cookies.ts'
import { openCredentials } from '../http/credentials.ts'
import { referenceMaker, requestReferences } from '../http/reference.ts'
import { requireSafeTransport } from '../http/safe-transport.ts'
import { sessionCookies } from '../http/session-cookies.ts'
import type { Portero } from './compose.ts'

/** What a demo, tried by one person over and over from one address, widens address budgets by. */
const demoBudgetFactor = 100

/** What more than one door needs, bound to what `compose` built. */
export function sharedNeeds(portero: Portero) {
  const { config, demo, log, now, keyring, publicUrl } = portero
  const isSecure = publicUrl?.protocol === 'https:'
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
  const credentials = openCredentials({
    ...portero,
    cookieNames: names,
    onGenerationSeen: (session, generation) => {
      void portero.sessionStore.markGenerationSeen(session.id, generation).catch(() => {})
    },
  })
  return {
    config,
    log,
    now,
    credentials,
    cookieNames: names,
    isSecure,
    trustedProxies: trusted,
    newReference,
    referenceOf,
    requestCode: requestCode.bind(undefined, portero),
    verifyCode: verifyCode.bind(undefined, portero),
    listSessions: (personId: string) => portero.sessionStore.listSessions(personId),
    endSession: (by: { personId: string; sessionId: string }) => endSession(portero, by),
    endAllSessions: (personId: string) => endAllSessions(portero, personId),
    switchPerson: switchPerson.bind(undefined, portero),
    callerOf: (req: IncomingMessage, door: Caller['door'], apiKeyId?: string) =>
      callerOf(callers, req, door, apiKeyId),
    sessionCookies: (session: Session, accessToken: string) =>
      sessionCookies({ keyring, isSecure, now }, session, accessToken),
    ownOrigins: (req: IncomingMessage): readonly string[] => {
      if (publicUrl !== undefined) return [publicUrl.origin]
      const { scheme, host } = clientAddress(req, trusted)
      return [`${scheme}://${host}`]
    },
    requireSafeTransport: (req: IncomingMessage): void => {
      if (!demo.on && !config.listen.insecure) requireSafeTransport(clientAddress(req, trusted))
    },
  }
}

export type SharedNeeds = ReturnType<typeof sharedNeeds>
