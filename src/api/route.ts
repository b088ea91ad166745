import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { RefusalCode } from '../domain/errors.ts'
import type { ApiNeeds } from './api-needs.ts'

/** One address of the API, as data: the router, the validation and the reference are made from it. */
export type Route<Input extends z.ZodType, Output extends z.ZodType> = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly summary: string
  readonly description?: string
  /** Body of a POST. Forms are read as well as JSON where `takesForm` says so. */
  readonly body?: Input
  readonly takesForm?: boolean
  /** Parameters in the path. */
  readonly params?: z.ZodType<Record<string, string>>
  readonly output: Output
  /** What it refuses with, besides what every address does. */
  readonly refuses: readonly RefusalCode[]
  /** Whether a page of another, listed origin may read the answer. */
  readonly isCrossOrigin: boolean
  readonly handle: (needs: ApiNeeds, call: Call<z.output<Input>>) => Promise<z.input<Output>>
}

/** What a handler gets: the checked body, and the request for what is not in it. */
export type Call<Body> = {
  readonly body: Body
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Keeps the types of input and output together; returns its argument. */
export function route<Output extends z.ZodType, Input extends z.ZodType = z.ZodUndefined>(
  definition: Route<Input, Output>,
): Route<Input, Output> {
  return definition
}

// biome-ignore lint/suspicious/noExplicitAny: a list of routes forgets which is which
export type AnyRoute = Route<any, any>

/** What any address may refuse with. */
export const commonRefusals = [
  'invalid_request',
  'ambiguous_request',
  'method_not_allowed',
  'too_large',
  'origin_not_allowed',
  'insecure_transport',
  'demo_is_local',
  'database_unavailable',
  'revocations_unknown',
] as const satisfies readonly RefusalCode[]

/** An answer that RFC 9457 describes, as every refusal is. */
export const problemSchema = z
  .object({
    type: z.string().meta({ examples: ['urn:portero:refusal:invalid_code'] }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened and what to do next, in English.' }),
    code: z.string().meta({ description: 'One of the codes of the error reference.' }),
    reference: z.string().meta({ description: 'Names this answer in the log of the operator.' }),
    retry_after: z.int().optional().meta({ description: 'Seconds after which trying again makes sense.' }),
    fields: z.array(z.object({ field: z.string(), expected: z.string() })).optional(),
  })
  .meta({ id: 'Problem' })
