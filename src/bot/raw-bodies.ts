import type { FastifyInstance } from 'fastify'

/**
 * Lets every route of this scope have its body as the bytes that came, whatever type they say they are: signatures cover bytes,
 * and nothing is parsed before its signature was checked. Without a body it is `undefined`.
 */
export function takeRawBodies(app: FastifyInstance, bytesMax: number): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bytesMax }, (_request, body, done) =>
    done(null, body),
  )
}

/** The bytes of a request in such a scope. */
export function rawBody(request: { readonly body: unknown }): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
}
