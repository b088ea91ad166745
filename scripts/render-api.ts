import { refusals } from '../src/domain/errors.ts'
import { code, table } from './text.ts'

/** As much of OpenAPI 3 as the reference shows. */
export type OpenApi = {
  info?: { title?: string; version?: string; description?: string }
  paths?: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

type Operation = {
  summary?: string
  description?: string
  tags?: string[]
  security?: Record<string, string[]>[]
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[]
  requestBody?: { content?: Record<string, { schema?: Schema }> }
  responses?: Record<string, Answer>
}

type Answer = {
  description?: string
  headers?: Record<string, { description?: string }>
  content?: Record<string, { schema?: Schema }>
}

type Schema = {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  format?: string
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
}

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']

/** The reference of the API: each operation with what goes in, what comes out, and what is refused. */
export function renderApi(api: OpenApi): string {
  const operations = Object.entries(api.paths ?? {}).flatMap(([path, item]) =>
    methods.flatMap((method) =>
      item[method] ? [renderOperation(api, `${method.toUpperCase()} ${path}`, item[method])] : [],
    ),
  )
  return `# API

Written by \`npm run generate\` from the schemas of the routes; \`openapi.json\` holds the same for programs.
What is refused is explained in [errors](errors.md).
${operations.join('')}`
}

function renderOperation(api: OpenApi, name: string, operation: Operation): string {
  const parts = [`## ${name}`, operation.summary, operation.description]
  if (operation.parameters?.length)
    parts.push(
      '**Parameters**',
      table(
        ['name', 'in', 'type', 'required', 'what it is'],
        operation.parameters.map((parameter) => [
          code(parameter.name),
          parameter.in,
          typeOf(api, parameter.schema ?? {}),
          parameter.required ? 'yes' : 'no',
          parameter.description ?? parameter.schema?.description ?? '',
        ]),
      ),
    )
  for (const [types, schema] of bySchema(operation.requestBody?.content ?? {}))
    parts.push(`**Input**, as ${types.map(code).join(' or ')}`, renderFields(api, schema, 'required'))
  for (const [status, answer] of Object.entries(operation.responses ?? {}).filter(([status]) =>
    /^[123]/.test(status),
  ))
    parts.push(...renderAnswer(api, status, answer))
  for (const [status, { description = '' }] of Object.entries(operation.responses ?? {}))
    if (/^[45]/.test(status)) parts.push(`**${status.toUpperCase()}** ${withLinks(description)}`)
  return `\n${parts.filter((part) => part !== undefined && part !== '').join('\n\n')}\n`
}

function renderAnswer(api: OpenApi, status: string, answer: Answer): string[] {
  const headers = Object.entries(answer.headers ?? {}).map(
    ([name, { description }]) => `- ${code(name)}: ${description ?? ''}`,
  )
  const bodies = bySchema(answer.content ?? {}).flatMap(([types, schema]) => [
    `As ${types.map(code).join(' or ')}:`,
    renderFields(api, schema, 'always'),
  ])
  // What @fastify/swagger says where a route says nothing.
  const description = answer.description === 'Default Response' ? '' : (answer.description ?? '')
  return [`**${status}** ${description}`.trim(), headers.join('\n'), ...bodies]
}

/** Every code of a refusal leads to its line in the list. */
function withLinks(text: string): string {
  return text.replace(/\b[a-z]+(_[a-z]+)+\b/g, (word) =>
    word in refusals ? `[${code(word)}](errors.md#${word})` : word,
  )
}

/** Media types that share a schema, together. */
function bySchema(content: Record<string, { schema?: Schema }>): [string[], Schema][] {
  const groups = new Map<string, [string[], Schema]>()
  for (const [type, { schema = {} }] of Object.entries(content)) {
    const key = JSON.stringify(schema)
    const group = groups.get(key) ?? [[], schema]
    group[0].push(type)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function renderFields(api: OpenApi, schema: Schema, whether: 'required' | 'always'): string {
  const rows = [...fieldsOf(api, schema, '')]
  return rows.length === 0 ? typeOf(api, schema) : table(['field', 'type', whether, 'what it is'], rows)
}

function* fieldsOf(api: OpenApi, schema: Schema, prefix: string): Generator<string[]> {
  const { properties = {}, required = [] } = objectOf(api, schema)
  for (const [name, property] of Object.entries(properties)) {
    const path = `${prefix}${name}`
    const description = property.description ?? resolve(api, property).description ?? ''
    yield [code(path), typeOf(api, property), required.includes(name) ? 'yes' : 'no', description]
    const inner = resolve(api, property)
    if (inner.type === 'array' && inner.items) yield* fieldsOf(api, inner.items, `${path}[].`)
    else yield* fieldsOf(api, inner, `${path}.`)
  }
}

/** The object that a schema describes, whatever else it may be: of alternatives, the first that is one. */
function objectOf(api: OpenApi, schema: Schema): Schema {
  const own = resolve(api, schema)
  if (own.properties) return own
  if (own.allOf) return own.allOf.map((part) => objectOf(api, part)).reduce(mergeObjects, {})
  const alternatives = [...(own.anyOf ?? []), ...(own.oneOf ?? [])].map((part) => objectOf(api, part))
  return alternatives.find((part) => part.properties) ?? {}
}

function mergeObjects(a: Schema, b: Schema): Schema {
  return {
    properties: { ...a.properties, ...b.properties },
    required: [...(a.required ?? []), ...(b.required ?? [])],
  }
}

function typeOf(api: OpenApi, schema: Schema): string {
  const own = resolve(api, schema)
  if (own.const !== undefined) return code(JSON.stringify(own.const))
  if (own.enum) return own.enum.map((value) => code(JSON.stringify(value))).join(' or ')
  const alternatives = own.anyOf ?? own.oneOf
  if (alternatives) return [...new Set(alternatives.map((part) => typeOf(api, part)))].join(' or ')
  if (own.type === 'array') return `list of ${typeOf(api, own.items ?? {})}`
  const types = [own.type ?? (own.properties || own.allOf ? 'object' : 'anything')].flat().join(' or ')
  return own.format ? `${types} (${own.format})` : types
}

function resolve(api: OpenApi, schema: Schema): Schema {
  const name = /^#\/components\/schemas\/(.+)$/.exec(schema.$ref ?? '')?.[1]
  return name === undefined ? schema : (api.components?.schemas?.[name] ?? {})
}
