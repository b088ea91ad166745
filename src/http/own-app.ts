import formbody from '@fastify/formbody'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { Refusal } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { problemOf } from './problem.ts'

/** Bodies on Portero's own routes are a number, a code, a name: nothing needs more. */
const bodyMaxBytes = 16 * 1024

type Needs = { log: Log; referenceOf: (request: object) => string }

/** The application that Portero's own doors register their routes in. It is handed requests; it does not listen. */
export type OwnApp = FastifyInstance

/**
 * Makes the application for the paths that are Portero's own: bodies up to 16 KB as JSON or form, every refusal and every
 * bug answered as a problem, unknown paths 404, known paths with another method 405.
 */
export function openOwnApp(needs: Needs): OwnApp {
  const app = Fastify({
    bodyLimit: bodyMaxBytes,
    routerOptions: { maxParamLength: 200, caseSensitive: true, ignoreTrailingSlash: false },
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.register(formbody, { bodyLimit: bodyMaxBytes })

  const methods = new Map<string, Set<string>>()
  app.addHook('onRoute', (route) => {
    const known = methods.get(route.url) ?? new Set()
    for (const method of [route.method].flat()) known.add(method)
    methods.set(route.url, known)
  })

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!
    const taken = [...methods].flatMap(([url, ofUrl]) => (isMatch(url, path) ? [...ofUrl] : []))
    if (taken.length === 0) throw new Refusal('not_found')
    // RFC 9110 §15.5.6: a 405 names what would be taken.
    reply.header('allow', taken.join(', '))
    throw new Refusal('method_not_allowed')
  })
  app.setErrorHandler(async (thrown: FastifyError | Refusal, request, reply) => {
    const problem = problemOf(
      { log: needs.log, newReference: () => needs.referenceOf(request.raw) },
      asRefusal(thrown),
    )
    reply.code(problem.status).headers(problem.headers)
    return reply.send(request.method === 'HEAD' ? '' : problem.body)
  })
  return app as unknown as OwnApp
}

function isMatch(url: string, path: string): boolean {
  const want = url.split('/')
  const have = path.split('/')
  return want.length === have.length && want.every((part, at) => part.startsWith(':') || part === have[at])
}

/** What Fastify itself refuses, in our words; what it does not know is a bug and stays one. */
function asRefusal(thrown: FastifyError | Refusal): unknown {
  if (thrown instanceof Refusal) return thrown
  if (thrown.validation !== undefined) {
    return new Refusal('invalid_request', {
      fields: thrown.validation.slice(0, 10).map((issue) => ({
        field: issue.instancePath.split('/').filter(Boolean).join('.') || 'body',
        expected: issue.message ?? 'another value',
      })),
    })
  }
  if (thrown.statusCode === 413) return new Refusal('too_large')
  if (thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500)
    return new Refusal('invalid_request')
  return thrown
}
