import { type Given, type GivenValue, unknownName } from './given.ts'
import { type ConfigKey, configKeys } from './keys.ts'
import type { Finding } from './problem.ts'

export type Environment = Readonly<Record<string, string | undefined>>
export type ReadFile = (path: string) => string

/** Names of ours that are no keys: the path of the file, and the one that the compose files fill in for themselves. */
const otherNames = ['PORTERO_CONFIG', 'PORTERO_ENV_FILE']

/**
 * What the environment gives. Each key has its name and perhaps aliases, each secret also `…_FILE`, the path of a file that
 * holds it. An empty variable counts as not set, because that is what compose files make of one that nobody set.
 */
export function fromEnvironment(env: Environment, readFile: ReadFile): Given {
  const values = new Map<string, GivenValue>()
  const findings = unknownNames(env)
  for (const key of configKeys) {
    const given = [key.env, ...key.aliases].flatMap((name) => textsOf(key, name, env, readFile))
    const texts = given.filter((one) => 'text' in one)
    const problems = given.flatMap((one) => ('problem' in one ? one.problem : conflict(key, texts)))
    const [problem] = problems
    if (problem !== undefined) findings.push({ keys: [key.path], text: `${key.path}: ${problem}` })
    else if (texts[0] !== undefined)
      values.set(key.path, { value: readText(key, texts[0].text), source: texts[0].source })
  }
  return { values, findings }
}

type EnvText =
  | { readonly source: string; readonly text: string }
  | { readonly source: string; readonly problem: string }

/** The text under one name and under its `_FILE`. */
function textsOf(key: ConfigKey, name: string, env: Environment, readFile: ReadFile): EnvText[] {
  const direct: EnvText[] = env[name] ? [{ source: name, text: env[name] }] : []
  const source = `${name}_FILE`
  const path = key.isSecret ? env[source] : undefined
  if (!path) return direct
  if (direct.length > 0) return [{ source, problem: `${name} and ${source} are both set. Keep one of them.` }]
  try {
    const text = readFile(path).replace(/\r?\n$/, '')
    return text === '' ? [{ source, problem: `${source} names an empty file.` }] : [{ source, text }]
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    return [{ source, problem: `${source} names a file that cannot be read (${reason}).` }]
  }
}

function conflict(key: ConfigKey, texts: readonly { source: string; text: string }[]): string[] {
  if (new Set(texts.map(({ text }) => text)).size < 2) return []
  const names = texts.map(({ source }) => source).join(' and ')
  return [`${names} are set to different values, and both mean ${key.path}. Keep one of them.`]
}

/** The value that a text stands for; the text itself where it does not fit, for the schema to refuse. */
function readText(key: ConfigKey, text: string): unknown {
  switch (key.kind) {
    case 'number':
      return numberOf(text)
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'list':
      return partsOf(text)
    case 'list of numbers':
      return partsOf(text).map(numberOf)
    case 'text':
      return text
  }
}

function numberOf(text: string): unknown {
  return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text
}

function partsOf(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function unknownNames(env: Environment): Finding[] {
  const known = new Set(otherNames)
  for (const { env: name, isSecret } of configKeys) {
    known.add(name)
    if (isSecret) known.add(`${name}_FILE`)
  }
  return Object.entries(env)
    .filter(
      ([name, text]) => name.startsWith('PORTERO_') && !known.has(name) && !isFromKubernetes(name, text),
    )
    .map(([name]) => unknownName(name, [...known], 'environment'))
}

/** Kubernetes puts the services of a namespace into every environment: for `portero`, and for `portero-db` and its like. */
function isFromKubernetes(name: string, text = ''): boolean {
  if (/^PORTERO_(PORT$|PORT_|SERVICE_)/.test(name)) return true
  const isAddress = /^(tcp|udp|sctp):\/\//.test(text)
  return (
    /^PORTERO_\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$/.test(name) || isAddress
  )
}
