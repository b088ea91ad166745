import { stringify } from 'yaml'
import { z } from 'zod'
import { configSchema } from '../src/config/config.ts'
import { type ConfigKey, configKeys } from '../src/config/keys.ts'
import { code, table, wrap } from './text.ts'

/** JSON Schema of the configuration file, for editors. */
export function renderConfigSchema(): string {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override({ jsonSchema }) {
      if (jsonSchema.secret) jsonSchema.writeOnly = true
      if (jsonSchema.type === 'object') delete jsonSchema.default
      delete jsonSchema.secret
      delete jsonSchema.allowed
    },
  })
  return `${JSON.stringify({ ...schema, title: 'Configuration of Portero' }, null, 2)}\n`
}

/** A configuration file with every key in it, explained and commented out. */
export function renderExample(): string {
  const lines = [
    '# yaml-language-server: $schema=./config.schema.json',
    '# Every key of Portero, with its default or an example. Copy this to portero.yaml, and take the # from what you set.',
    '# Written by `npm run generate` from the schema.',
  ]
  for (const { name, keys } of sections()) {
    const parts = name === '' ? [] : name.split('.')
    const indent = '  '.repeat(parts.length)
    lines.push('')
    // The section around an inner one comes just before it.
    if (parts.length > 0) lines.push(`${indent.slice(2)}${parts.at(-1)}:`)
    for (const key of keys) {
      for (const line of wrap(key.description, 96)) lines.push(`${indent}# ${line}`)
      lines.push(`${indent}#${leafOf(key)}: ${inlineYaml(shownValue(key))}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** The reference of the configuration. */
export function renderConfigReference(): string {
  return `# Configuration

Written by \`npm run generate\` from the schema that Portero checks its configuration with.

Portero starts without any configuration and shows its demo. What you set stands in \`portero.yaml\` (or the file that
\`PORTERO_CONFIG\` names), in the environment, or in both; the environment wins.

- In the environment a key is called \`PORTERO_\` and its path in capitals, joined by two underscores.
- Lists are separated by commas there. A variable that is empty counts as not set.
- A secret can also stand in a file of its own: \`PORTERO_TOKENS__SECRET_FILE=/run/secrets/jwt\`. A newline at its end is dropped.
- A name that begins with \`PORTERO_\` and is not in this list is an error, unless Kubernetes made it for a service.
- \`portero config check\` tells everything that is wrong at once; \`portero config print\` shows what is in force and where it
  comes from, with secrets masked. With a configuration that cannot be used, Portero exits with 78.

\`portero.example.yaml\` holds all of this as a file to copy from, \`config.schema.json\` tells it to editors.
${sections().map(renderSection).join('')}`
}

type Section = { name: string; keys: ConfigKey[] }

function sections(): Section[] {
  const found: Section[] = []
  for (const key of configKeys) {
    const name = key.path.includes('.') ? key.path.slice(0, key.path.lastIndexOf('.')) : ''
    if (found.at(-1)?.name !== name) found.push({ name, keys: [] })
    found.at(-1)?.keys.push(key)
  }
  return found
}

function renderSection({ name, keys }: Section): string {
  const rows = keys.map((key) => [
    code(key.path),
    [...[key.env, ...key.aliases].map(code), ...(key.isSecret ? [`or with ${code('_FILE')}`] : [])].join(
      '<br>',
    ),
    key.allowed,
    key.default === undefined ? 'not set' : code(inlineYaml(key.default)),
    key.description,
  ])
  return `\n## ${name === '' ? 'General' : name}\n\n${table(['key', 'environment', 'allowed', 'default', 'what it does'], rows)}\n`
}

function leafOf(key: ConfigKey): string {
  return key.path.slice(key.path.lastIndexOf('.') + 1)
}

/** The default, else an example, else something that is allowed. */
function shownValue(key: ConfigKey): unknown {
  const isEmptyList = Array.isArray(key.default) && key.default.length === 0
  const fallback = key.schema instanceof z.ZodOptional ? key.schema.unwrap() : key.schema
  const first =
    fallback instanceof z.ZodEnum ? fallback.options[0] : key.kind === 'boolean' ? true : undefined
  return (
    (isEmptyList ? key.example : key.default) ??
    key.example ??
    first ??
    key.default ??
    (key.kind === 'text' ? '' : [])
  )
}

function inlineYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim()
}
