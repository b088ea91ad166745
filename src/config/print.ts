import { stringify } from 'yaml'
import type { Config } from './config.ts'
import { configKeys } from './keys.ts'

const mask = '••••••••'

/**
 * The configuration as YAML that Portero takes again, secrets masked, with where each value comes from:
 * `sources` as `loadConfigWithSources` gives it, and the default for what it does not name.
 */
export function printConfig(config: Config, sources: ReadonlyMap<string, string>): string {
  const lines: string[] = []
  let section = ''
  for (const key of configKeys) {
    const parents = key.path.split('.')
    const leaf = parents.pop()
    const indent = '  '.repeat(parents.length)
    // The section around an inner one comes just before it.
    const name = parents.join('.')
    if (name !== section && name !== '') lines.push('', `${indent.slice(2)}${parents.at(-1)}:`)
    section = name
    const value = valueAt(config, key.path)
    lines.push(
      value === undefined
        ? `${indent}# ${leaf}: not set`
        : `${indent}${leaf}: ${inline(key.isSecret ? mask : value)}  # ${sources.get(key.path) ?? 'default'}`,
    )
  }
  return `${lines.join('\n').trim()}\n`
}

/** The value at a path such as `otp.ttl_seconds`. */
function valueAt(config: Config, path: string): unknown {
  return path.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], config)
}

/** On one line, so that a comment can follow. */
function inline(value: unknown): string {
  const asJson = typeof value === 'string' && value.includes('\n')
  return asJson ? JSON.stringify(value) : stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}
