import type { FastifyRequest } from 'fastify'

/** Whether a body came as an HTML form does, in which a plus sign stands for a space. */
export function isForm(request: FastifyRequest): boolean {
  return (
    request.headers['content-type']?.toLowerCase().startsWith('application/x-www-form-urlencoded') ?? false
  )
}
