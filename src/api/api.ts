import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isRefusal } from '../domain/errors.ts'
import type { OwnApp } from '../http/own-app.ts'
import type { ApiNeeds } from './api-needs.ts'
import { botMessages } from './bot-messages.ts'
import { isListedOrigin, requireKnownOrigin } from './browser-hold.ts'
import { chatsGiveBack } from './chats-give-back.ts'
import { me } from './me.ts'
import { endMySession, listMySessions } from './me-sessions.ts'
import { switchMe } from './me-switch.ts'
import { otpRequest } from './otp-request.ts'
import { otpVerify } from './otp-verify.ts'
import { peopleRead } from './people-read.ts'
import { phonesForget } from './phones-forget.ts'
import { phonesLink } from './phones-link.ts'
import { phonesRecognise } from './phones-recognise.ts'
import { phonesTouch } from './phones-touch.ts'
import { type AnyRoute, commonRefusals, problemSchema } from './route.ts'
import { signout } from './signout.ts'
import { tokenRefresh } from './token-refresh.ts'
import { health, jwksRoute, ready } from './well-known.ts'

/** Every address of the API, in the order of its reference. */
export const apiRoutes: readonly AnyRoute[] = [
  otpRequest,
  otpVerify,
  tokenRefresh,
  signout,
  me,
  listMySessions,
  endMySession,
  switchMe,
  phonesRecognise,
  phonesTouch,
  phonesLink,
  phonesForget,
  peopleRead,
  botMessages,
  chatsGiveBack,
  jwksRoute,
  health,
  ready,
]

/** Registers the API in the application that Portero's doors share. */
export function api(app: OwnApp, needs: ApiNeeds): void {
  for (const route of apiRoutes) register(app as unknown as FastifyInstance, needs, route)
}

function register(app: FastifyInstance, needs: ApiNeeds, route: AnyRoute): void {
  app.route({
    method: route.method,
    url: route.path,
    schema: schemaOf(route),
    // Before the body is read, so that a stranger's page gets its refusal whatever it sends.
    onRequest: async (request, reply) => {
      if (route.isCrossOrigin) allowListedOrigin(needs, request, reply)
      if (route.method !== 'GET') requireKnownOrigin(needs, request)
    },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
      try {
        return await route.handle(needs, { body: request.body as never, request, reply })
      } catch (thrown) {
        if (needs.isStrict) requireDeclared(route, thrown)
        throw thrown
      }
    },
  })
  if (route.isCrossOrigin) registerPreflight(app, needs, route)
}

/** What Fastify validates by, and what the reference is made from. */
export function schemaOf(route: AnyRoute): object {
  return {
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.body === undefined ? {} : { body: route.body }),
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(route.takesForm ? { consumes: ['application/json', 'application/x-www-form-urlencoded'] } : {}),
    response: {
      200: route.output,
      '4xx': {
        description: refusalList(route.refuses),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    },
  }
}

function refusalList(codes: readonly string[]): string {
  return codes.length === 0 ? 'What every address may refuse with.' : `Refuses with: ${codes.join(', ')}.`
}

function allowListedOrigin(needs: ApiNeeds, request: FastifyRequest, reply: FastifyReply): void {
  if (needs.config.api.allowed_origins.length === 0) return
  reply.header('vary', 'Origin')
  const { origin } = request.headers
  if (isListedOrigin(needs, origin)) {
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', 'Retry-After')
  }
}

const preflighted = new WeakMap<FastifyInstance, Set<string>>()

function registerPreflight(app: FastifyInstance, needs: ApiNeeds, { path }: AnyRoute): void {
  const done = preflighted.get(app) ?? new Set()
  preflighted.set(app, done)
  if (done.has(path)) return
  done.add(path)
  app.route({
    method: 'OPTIONS',
    url: path,
    schema: { hide: true, response: { 204: z.undefined() } } as object,
    handler: async (request, reply) => {
      allowListedOrigin(needs, request, reply)
      return reply
        .code(204)
        .header('access-control-allow-methods', 'GET, POST, DELETE')
        .header('access-control-allow-headers', 'Authorization, Content-Type')
        .header('access-control-max-age', '600')
        .send()
    },
  })
}

function requireDeclared(route: AnyRoute, thrown: unknown): void {
  if (!isRefusal(thrown)) return
  if (route.refuses.includes(thrown.code) || (commonRefusals as readonly string[]).includes(thrown.code))
    return
  throw new Error(`${route.method} ${route.path} refused with ${thrown.code}, which it does not list`, {
    cause: thrown,
  })
}
