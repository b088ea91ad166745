import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'

// biome-ignore lint/suspicious/noExplicitAny: tests look at whatever the files hold
type Tree = any
type Env = Readonly<Record<string, string | undefined>>

/** What `!reset` leaves: what earlier files said is gone. */
const reset = Symbol('reset')
const customTags = [
  { tag: '!reset', collection: 'seq' as const, resolve: () => reset },
  { tag: '!reset', resolve: () => reset },
]

/** Lists that a later file replaces; to all others it adds (Compose's reference, "Merge Compose files"). */
const replacedLists = new Set(['command', 'entrypoint', 'test'])

/** One file as it stands, `!reset` told apart. */
export function readComposeFile(path: string): Tree {
  return parse(readFileSync(path, 'utf8'), { customTags })
}

/**
 * What Compose makes of a list of files and the variables of its own environment: interpolated, merged, the environment of each
 * service whole, paths seen from the folder of the first file. Throws as Compose does for variables that have to be set and for
 * environment files that are not there.
 */
export function composed(files: readonly string[], env: Env = {}): Tree {
  const project = dirname(resolve(files[0]!))
  const model = files
    .map((file) => listsOfPairsAsMaps(interpolated(readComposeFile(file), env)))
    .reduce((before, after) => merged(before, after))
  for (const service of Object.values<Tree>(model.services)) {
    const given = [service.env_file ?? []].flat().map((file) => environmentFile(resolve(project, file)))
    service.environment = Object.assign({}, ...given, service.environment)
    if (service.build?.context !== undefined) service.build.context = resolve(project, service.build.context)
  }
  return model
}

/** The variables of a file such as `.env`. */
export function environmentFile(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8').matchAll(/^(\w+)=(.*)$/gm)
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]))
}

function interpolated(tree: Tree, env: Env): Tree {
  if (typeof tree === 'string') return interpolate(tree, env)
  if (Array.isArray(tree)) return tree.map((item) => interpolated(item, env))
  if (tree === null || typeof tree !== 'object') return tree
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, interpolated(value, env)]))
}

function interpolate(text: string, env: Env): string {
  return text.replace(
    /\$(?:(\$)|\{(\w+)(?::([-?])([^}]*))?\})/g,
    (_, dollar, name, operator, argument = '') => {
      if (dollar !== undefined) return '$'
      const value = env[name] || undefined
      if (value === undefined && operator === '?')
        throw new Error(`required variable ${name} is missing a value: ${argument}`)
      return value ?? argument
    },
  )
}

function listsOfPairsAsMaps(model: Tree): Tree {
  for (const service of Object.values<Tree>(model.services)) {
    if (!Array.isArray(service.environment)) continue
    const pairs = service.environment.map((pair: string) => /^([^=]*)=?(.*)$/s.exec(pair)!.slice(1))
    service.environment = Object.fromEntries(pairs)
  }
  return model
}

function merged(before: Tree, after: Tree, name = ''): Tree {
  if (after === reset) return undefined
  if (Array.isArray(before) && Array.isArray(after))
    return replacedLists.has(name) ? after : [...new Set([...before, ...after])]
  if (!isMap(before) || !isMap(after)) return after ?? before
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return Object.fromEntries(
    [...names].map((key) => [key, key in after ? merged(before[key], after[key], key) : before[key]]),
  )
}

function isMap(tree: Tree): boolean {
  return tree !== null && typeof tree === 'object' && !Array.isArray(tree)
}
