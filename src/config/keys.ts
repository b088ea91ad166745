import { z } from 'zod'
import { configSchema } from './config.ts'

/** What the environment's text becomes. */
export type ConfigKind = 'text' | 'number' | 'boolean' | 'list' | 'list of numbers'

/** One thing that can be set, as the loader, the docs and the masks see it. */
export type ConfigKey = {
  /** As in the file: `otp.ttl_seconds`. */
  readonly path: string
  /** `PORTERO_OTP__TTL_SECONDS`. */
  readonly env: string
  /** Names that it also has in the environment. */
  readonly aliases: readonly string[]
  readonly kind: ConfigKind
  /** Also taken from the file that the environment names with `_FILE`; never shown. */
  readonly isSecret: boolean
  readonly description: string
  /** What may be set, in words. */
  readonly allowed: string
  readonly default: unknown
  readonly example: unknown
  readonly schema: z.ZodType
}

/** Names from other worlds under which some keys are known as well. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  'listen.port': ['PORT'],
  'database.url': ['DATABASE_URL'],
  'upstream.url': ['OPENWEBUI_URL'],
  'tokens.secret': ['OPENWEBUI_JWT_SECRET'],
}

/** Every key, in the order of the schema. */
export const configKeys: readonly ConfigKey[] = [...keysOf(configSchema, [])]

function* keysOf(schema: unknown, path: readonly string[]): Generator<ConfigKey> {
  const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : schema
  if (!(inner instanceof z.ZodObject)) {
    yield keyOf(inner as z.ZodType, path.join('.'))
    return
  }
  for (const [name, part] of Object.entries(inner.shape)) yield* keysOf(part, [...path, name])
}

function keyOf(schema: z.ZodType, path: string): ConfigKey {
  const json = z.toJSONSchema(schema, { io: 'input' })
  return {
    path,
    env: `PORTERO_${path.toUpperCase().replaceAll('.', '__')}`,
    aliases: aliases[path] ?? [],
    kind: kindOf(json),
    isSecret: json.secret === true,
    description: json.description ?? '',
    allowed: allowedBy(json),
    default: json.default,
    example: json.examples?.[0],
    schema,
  }
}

type Json = z.core.JSONSchema.BaseSchema

function kindOf(json: Json): ConfigKind {
  if (json.type === 'array') return kindOf(json.items as Json) === 'number' ? 'list of numbers' : 'list'
  if (json.type === 'integer') return 'number'
  return json.type === 'boolean' ? 'boolean' : 'text'
}

function allowedBy(json: Json): string {
  if (typeof json.allowed === 'string') return json.allowed
  if (json.enum !== undefined)
    return json.enum.length === 1 ? `${json.enum[0]}` : `one of ${json.enum.join(', ')}`
  if (json.type === 'boolean') return 'true or false'
  if (json.type === 'integer') return `a whole number from ${json.minimum} to ${json.maximum}`
  if (json.type === 'array')
    return `a list of ${allowedBy(json.items as Json).replace(/^a whole number/, 'whole numbers')}`
  return 'text'
}
