import { checkConfig, nameOf } from './checks.ts'
import { type Config, type GivenConfig, resolveConfig } from './config.ts'
import { type Environment, fromEnvironment, type ReadFile } from './from-environment.ts'
import { fromFile } from './from-file.ts'
import type { Given, GivenValue } from './given.ts'
import { configKeys } from './keys.ts'
import { ConfigProblem, type Finding } from './problem.ts'

export type ConfigInput = {
  readonly env: Environment
  /** Path of the file, if somebody named one; else `PORTERO_CONFIG` names it, else it is `portero.yaml`, if that exists. */
  readonly file?: string | undefined
  /** The text of a file; throws what `fs.readFileSync` throws. */
  readonly readFile: ReadFile
}

/** The configuration, and where each key that somebody set comes from. */
export type LoadedConfig = { readonly config: Config; readonly sources: ReadonlyMap<string, string> }

/** The configuration from file and environment, the environment having the last word. Throws one `ConfigProblem` for all that is wrong. */
export function loadConfig(input: ConfigInput): Config {
  return loadConfigWithSources(input).config
}

/** The same, telling also where each value comes from. */
export function loadConfigWithSources({ env, file, readFile }: ConfigInput): LoadedConfig {
  const given = [readGivenFile(env, file, readFile), fromEnvironment(env, readFile)]
  const values = new Map(given.flatMap((place) => [...place.values]))
  const { config, findings: unfit } = fill(values)

  const findings = [...given.flatMap((place) => place.findings), ...unfit]
  const doubtful = new Set(findings.flatMap((finding) => finding.keys))
  findings.push(...checkConfig(config, doubtful))

  if (findings.length > 0) throw new ConfigProblem(findings)
  return {
    config: resolveConfig(config),
    sources: new Map([...values].map(([path, { source }]) => [path, source])),
  }
}

const defaultFile = 'portero.yaml'

function readGivenFile(env: Environment, file: string | undefined, readFile: ReadFile): Given {
  const named = file ?? (env.PORTERO_CONFIG || undefined)
  const path = named ?? defaultFile
  try {
    return fromFile(readFile(path), path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (code === 'ENOENT' && named === undefined) return { values: new Map(), findings: [] }
    return { values: new Map(), findings: [{ keys: [], text: `The file ${path} cannot be read (${code}).` }] }
  }
}

/** Puts every value in its place; one that its schema refuses is left at its default. */
function fill(values: ReadonlyMap<string, GivenValue>): { config: GivenConfig; findings: Finding[] } {
  const config: Record<string, unknown> = {}
  const findings: Finding[] = []
  for (const { path, schema, allowed } of configKeys) {
    const given = values.get(path)
    const parsed = schema.safeParse(given?.value)
    if (!parsed.success)
      findings.push({
        keys: [path],
        text: `${nameOf(path)}: must be ${allowed}. It is set by ${given?.source}.`,
      })
    set(config, path.split('.'), parsed.success ? parsed.data : schema.parse(undefined))
  }
  // One schema for each key, put together again: the shape of the whole schema, whose test compares the two.
  return { config: config as GivenConfig, findings }
}

function set(target: Record<string, unknown>, [name, ...rest]: readonly string[], value: unknown): void {
  if (name === undefined) return
  if (rest.length === 0) target[name] = value
  else {
    target[name] ??= {}
    set(target[name] as Record<string, unknown>, rest, value)
  }
}
